'use strict';

/** Terminates so many workers that are counted, at any moment: `node workers.js <times>`. */

const { isMainThread, parentPort } = require('node:worker_threads');

const { createNamespace } = require('context');
const { start } = require('context/usage');

const { terminateWorkers } = require('../support/terminate');

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

async function main() {
  const usage = start({ keys: ['id'] });
  const times = Number(process.argv[2]);
  await terminateWorkers(__filename, times);
  usage.stop();
}

if (isMainThread) main();
else work();
