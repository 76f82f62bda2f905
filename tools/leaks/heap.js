'use strict';

/** Prints as JSON how long explain(), or writeSnapshot() and context-leaks, stop a program with a heap of some megabytes, and what memory they need. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: wait } = require('node:timers/promises');

const { createNamespace } = require('../..');
const { start } = require('../../lib/observing/leaks');

const MEGABYTE = 1e6;
const KEPT = 1000;
const root = path.join(__dirname, '..', '..');

/** Objects, closures, maps and strings, as programs have them. */
function fill(megabytes) {
  const all = [];
  while (process.memoryUsage().heapUsed < megabytes * MEGABYTE) {
    for (let index = 0; index < 1000; index++) {
      const name = `name ${all.length}`;
      all.push({ index, name, list: [index, name], map: new Map([[name, { index }]]), call: () => name });
    }
  }
  return all;
}

/** Calls a function, and returns the longest time that the loop stood still, in milliseconds. */
async function stopped(call) {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  await wait(10);
  await call();
  await wait(10);
  clearInterval(timer);
  return Math.round(longest);
}

const peak = () => process.resourceUsage().maxRSS / 1000;

async function main(megabytes, way) {
  const leaks = start();
  const namespace = createNamespace('request');
  const kept = new Set();
  for (let index = 0; index < KEPT; index++) {
    const context = namespace.createContext();
    kept.add(context);
    context.run(() => {});
  }
  globalThis.filled = [fill(megabytes), kept];
  globalThis.gc();
  const before = peak();
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const result = { way };
  if (way === 'explain') {
    let groups;
    result.stopped = await stopped(async () => ({ groups } = await leaks.explain({ olderThan: 0, maxHeap: Infinity })));
    result.count = groups[0].count;
  } else {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-leaks-'));
    const file = path.join(folder, 'heap.heapsnapshot');
    result.stopped = await stopped(() => leaks.writeSnapshot(file));
    result.file = Math.round(fs.statSync(file).size / MEGABYTE);
    const from = performance.now();
    // What a child inherits counts in its maxRSS, but not here.
    const program = `
      const peak = () => /VmHWM:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1];
      const { main } = require('./lib/observing/leaks/cli');
      main(['--older-than', '0', ${JSON.stringify(file)}]).then(() => console.error(peak()));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', cwd: root });
    result.command = Math.round(performance.now() - from);
    result.commandMemory = Math.round(Number(stderr) / 1000);
    result.count = Number.parseInt(stdout, 10);
    fs.rmSync(folder, { recursive: true });
  }
  const took = Math.round(performance.now() - begin);
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = Math.round((user + system) / 1000);
  console.log(JSON.stringify({ ...result, took, cpu, memory: Math.round(peak() - before) }));
}

main(Number(process.argv[2]), process.argv[3]);
