'use strict';

/**
 * Profiles a server of many contexts, hands out one profile after the other, and says how the memory grew, as JSON: `memory.js 30` for 30
 * profiles. It takes --expose-gc.
 */

const { createNamespace } = require('context');
const { continuous } = require('context/profiler');

const { quantile } = require('../support/statistics');

const TURNS = 300;
const AT_A_TIME = 20;

/** The profiles after which everything is there that stays: compiled code, caches. These are not counted. */
const WARM = 5;

const namespace = createNamespace('memory');

async function serve(id) {
  await namespace.run(async () => {
    namespace.set('id', id % 50);
    namespace.set('body', Buffer.alloc(1000));
    await null;
    await new Promise(setImmediate);
    for (let n = 0; n < 20_000; n++) Math.sqrt(n);
  });
}

function used() {
  global.gc();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return (heapUsed + arrayBuffers + external) / 1e6;
}

async function main(profiles) {
  let samples = 0;
  const sizes = [];
  const profiling = continuous({ labels: ['id'], interval: 1 }, (profile) => {
    samples += profile.sampleCount;
  });
  for (let round = 0; round < profiles + WARM; round++) {
    for (let turn = 0; turn < TURNS; turn++) {
      await Promise.all(Array.from({ length: AT_A_TIME }, (_, n) => serve(turn * AT_A_TIME + n)));
    }
    profiling.flush();
    await new Promise(setImmediate);
    sizes.push(used());
  }
  profiling.stop();
  // The middle of some: the buffers of the last turns, some megabytes, are mostly there and now and then not.
  const measured = sizes.slice(WARM);
  const third = Math.ceil(measured.length / 3);
  const [first, last] = [quantile(measured.slice(0, third), 0.5), quantile(measured.slice(-third), 0.5)];
  console.log(JSON.stringify({ samples, first, last, growth: last - first }));
}

main(Number(process.argv[2]));
