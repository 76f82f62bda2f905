'use strict';

/**
 * Terminates so many workers that are watched, at any moment of a block of any kind, some of them while their usage
 * is counted and they are profiled: `node workers.js <times>`.
 */

const { isMainThread, parentPort } = require('node:worker_threads');

const { createNamespace } = require('context');
const profiler = require('context/profiler');
const usage = require('context/usage');
const watchdog = require('context/watchdog');

const { terminateWorkers } = require('../support/terminate');
const { blockOddly } = require('./odd-blocks');

const destination = '/dev/null';

function work() {
  const namespace = createNamespace('worker').expose('id');
  watchdog.start({ threshold: 10, interval: 10, destination }).on('blocked', () => {});
  if (Math.random() < 0.3) usage.start({ keys: ['id'] });
  if (Math.random() < 0.3) profiler.start({ labels: ['id'] });
  parentPort.postMessage('ready');
  setImmediate(function turn() {
    namespace.run(() => {
      namespace.set('id', 'x'.repeat(Math.random() * 200));
      blockOddly();
    });
    setImmediate(turn);
  });
}

async function main() {
  const watched = watchdog.start({ threshold: 60_000, destination });
  const times = Number(process.argv[2]);
  await terminateWorkers(__filename, times);
  watched.stop();
  console.log(`${times} workers were terminated`);
}

if (isMainThread) main();
else work();
