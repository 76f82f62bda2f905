'use strict';

/**
 * Terminates observed workers at random moments within 30 ms after they started: `workers.js usage 1000`, or `workers.js watchdog
 * 1000` for blocks of any kind, some of them while usage is measured and a profile is taken.
 */

const { once } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { createNamespace } = require('context');
const profiler = require('context/profiler');
const usage = require('context/usage');
const watchdog = require('context/watchdog');

const { blockOddly } = require('./odd-blocks');

const AT_A_TIME = 4;
const destination = '/dev/null';

/** The observers of the main thread. */
const observed = {
  usage: () => usage.start({ keys: ['id'] }),
  watchdog: () => watchdog.start({ threshold: 60_000, destination }),
};

/** Functions that return the repeated work of a worker. */
const turns = {
  usage(namespace) {
    let measured = usage.start({ keys: ['id'] });
    return () => {
      for (let n = 0; n < 200; n++) {
        namespace.run(async () => {
          namespace.set('id', n);
          await null;
          measured.of(namespace.active);
        });
      }
      measured.by('id');
      measured.stop();
      measured = usage.start({ keys: ['id'] });
    };
  },

  watchdog(namespace) {
    namespace.expose('id');
    watchdog.start({ threshold: 10, every: 10, destination }).on('blocked', () => {});
    if (Math.random() < 0.3) usage.start({ keys: ['id'] });
    if (Math.random() < 0.3) profiler.start({ keys: ['id'] });
    return () =>
      namespace.run(() => {
        namespace.set('id', 'x'.repeat(Math.random() * 200));
        blockOddly();
      });
  },
};

function work() {
  const turn = turns[workerData](createNamespace('worker'));
  parentPort.postMessage('ready');
  setImmediate(function again() {
    turn();
    setImmediate(again);
  });
}

async function terminateOne(kind) {
  const worker = new Worker(__filename, { workerData: kind });
  await once(worker, 'message');
  await delay(Math.random() * 30);
  await worker.terminate();
}

async function main([kind, times]) {
  const handle = observed[kind]();
  for (let left = Number(times); left > 0; left -= AT_A_TIME) {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, left) }, () => terminateOne(kind)));
  }
  handle.stop();
  console.log(`${times} workers were terminated`);
}

if (isMainThread) main(process.argv.slice(2));
else work();
