'use strict';

/** Terminates so many workers that are watched, at any moment of a block: `node workers.js <times>`. */

const { isMainThread, parentPort } = require('node:worker_threads');

const { createNamespace } = require('context');
const { start } = require('context/watchdog');

const { terminateWorkers } = require('../support/terminate');

function work() {
  const namespace = createNamespace('worker').expose('id');
  start({ threshold: 10, interval: 10, destination: '/dev/null' });
  parentPort.postMessage('ready');
  setImmediate(function turn() {
    namespace.run(() => {
      const end = performance.now() + Math.random() * 40;
      while (performance.now() < end) namespace.set('id', 'x'.repeat(Math.random() * 200));
    });
    setImmediate(turn);
  });
}

async function main() {
  const watchdog = start({ threshold: 60_000, destination: '/dev/null' });
  const times = Number(process.argv[2]);
  await terminateWorkers(__filename, times);
  watchdog.stop();
  console.log(`${times} workers were terminated`);
}

if (isMainThread) main();
else work();
