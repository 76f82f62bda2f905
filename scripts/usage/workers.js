'use strict';

/** Terminates so many workers that are counted, at any moment: `node workers.js <times>`. */

const { once } = require('node:events');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

const { createNamespace } = require('context');
const { start } = require('context/usage');

const AT_A_TIME = 4;

function work() {
  const namespace = createNamespace('worker');
  let usage = start({ keys: ['id'], interval: 100 });
  parentPort.postMessage('ready');
  setImmediate(function turn() {
    for (let n = 0; n < 200; n++) {
      namespace.run(async () => {
        namespace.set('id', n);
        await null;
        usage.of(namespace.active);
      });
    }
    usage.by('id');
    usage.stop();
    usage = start({ keys: ['id'] });
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
  const usage = start({ keys: ['id'] });
  const times = Number(process.argv[2]);
  for (let left = times; left > 0; left -= AT_A_TIME) {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, left) }, terminateOne));
  }
  usage.stop();
}

if (isMainThread) main();
else work();
