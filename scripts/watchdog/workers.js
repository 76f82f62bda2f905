'use strict';

/** Terminates so many workers that are watched, at any moment of a block: `node workers.js <times>`. */

const { once } = require('node:events');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

const { createNamespace } = require('context');
const { start } = require('context/watchdog');

const AT_A_TIME = 4;

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

async function terminateOne() {
  const worker = new Worker(__filename);
  await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
  await worker.terminate();
}

async function main() {
  const watchdog = start({ threshold: 60_000, destination: '/dev/null' });
  const times = Number(process.argv[2]);
  for (let i = 0; i < times; i += AT_A_TIME)
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, times - i) }, terminateOne));
  watchdog.stop();
  console.log(`${times} workers were terminated`);
}

if (isMainThread) main();
else work();
