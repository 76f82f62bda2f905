'use strict';

/**
 * Serves requests for so many minutes, which are all short, then waits for as long as a tenth of that with nothing to do:
 * `node load.js <minutes>`. Fails if the watchdog says anything. Tells the CPU time that its thread takes of an idle process.
 */

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const { createNamespace } = require('context');
const { start } = require('context/watchdog');

const CLIENTS = 20;
const minutes = Number(process.argv[2]);
const file = path.join(os.tmpdir(), `context-watchdog-load-${process.pid}`);
const namespace = createNamespace('load').expose('id');

async function handle(request, response) {
  namespace.set('id', request.url);
  await delay(Math.random() * 5);
  const text = JSON.stringify(Array.from({ length: 2000 }, (_, n) => n));
  await fs.promises.stat(__filename);
  response.end(text);
}

function get(port, agent) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}

/** The CPU time of the watchdog's thread, in milliseconds; undefined if it is not to be had. */
function timeOfThread() {
  if (process.platform !== 'linux') return undefined;
  for (const task of fs.readdirSync('/proc/self/task')) {
    const folder = `/proc/self/task/${task}`;
    if (fs.readFileSync(`${folder}/comm`, 'utf8') !== 'context-watch\n') continue;
    return Number(fs.readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  }
  return undefined;
}

async function main() {
  const server = http.createServer((request, response) => namespace.run(handle, request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address();
  const agent = new http.Agent({ keepAlive: true });
  const watchdog = start({ destination: file });
  const end = Date.now() + minutes * 60_000;
  let count = 0;
  const client = async () => {
    for (; Date.now() < end; count++) await get(port, agent);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  server.close();
  const before = timeOfThread();
  const idle = minutes * 6000;
  await delay(idle);
  const share = before === undefined ? 'unknown' : `${((100 * (timeOfThread() - before)) / idle).toFixed(3)} %`;
  watchdog.stop();
  const lines = fs.readFileSync(file, 'utf8');
  fs.rmSync(file);
  const alarms = lines.split('\n').filter(Boolean).length;
  console.log(`${count} requests in ${minutes} minutes, ${alarms} false alarms, idle ${share} of a core`);
  if (alarms > 0) throw new Error(lines);
}

main();
