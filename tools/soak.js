'use strict';

/**
 * Loads a server for `--minutes`, whose memory must not grow; then simulates requests until `--checks` values were checked, none of
 * which may belong to another request. 0 skips a part.
 */

require('./prepare');

const { SingleBar } = require('cli-progress');
const { engine } = require('context');

const { crossTalk } = require('../test/propagation/random/cross-talk');
const { load } = require('./soak/load');
const { judge } = require('../test/memory/slopes');
const { number, readOptions } = require('./support/options');
const { table } = require('./support/table');

/** Shows progress on a terminal. */
async function withProgress(title, perform) {
  if (!process.stdout.isTTY) return perform(() => {});
  const bar = new SingleBar({ format: `${title} {bar} {percentage} %`, clearOnComplete: true });
  bar.start(1, 0);
  try {
    return await perform((share) => bar.update(share));
  } finally {
    bar.stop();
  }
}

const inMegabytes = (bytes) => (bytes / 2 ** 20).toFixed(2);

/** Returns whether nothing grows and all answers are right. */
async function soak(minutes) {
  const seconds = minutes * 60;
  const { samples, requests, wrong } = await withProgress('load', (onProgress) => load({ seconds, onProgress }));
  const meters = judge(samples);
  console.log(`${requests} requests, ${wrong} wrong answers, ${samples.length} samples`);
  const rows = meters.map(({ name, first, last, slope, perRequest, grows }) => {
    return [name, ...[first, last].map(inMegabytes), slope.toFixed(3), perRequest, grows ? 'grows' : 'flat'];
  });
  console.log(table(['', 'MB at first', 'MB at last', 'bytes a request', 'limit', ''], rows));
  return wrong === 0 && meters.every(({ grows }) => !grows);
}

/** Returns whether no value belongs to another request. */
async function talk(checks, seed) {
  const { requests, checked, foreign, first } = await withProgress('cross-talk', (update) => {
    return crossTalk({ checks, seed, onProgress: (done) => update(Math.min(done / checks, 1)) });
  });
  console.log(`${checked} checks in ${requests} simulated requests with seed ${seed}, ${foreign} foreign`);
  if (foreign > 0) console.error(`The first one: ${first}`);
  return foreign === 0;
}

async function main() {
  const { minutes, checks, seed } = readOptions({
    minutes: number(10, { most: 60 * 24 * 7, whole: false }),
    checks: number(5_000_000),
    seed: number(Math.floor(Math.random() * 2 ** 31), { most: 2 ** 31 - 1 }),
  });
  console.log(`Node.js ${process.version}, engine ${engine}`);
  const flat = minutes === 0 || (await soak(minutes));
  const own = checks === 0 || (await talk(checks, seed));
  if (!flat || !own) process.exitCode = 1;
}

main();
