'use strict';

/** Terminates worker threads while they load the package, each a little later than the one before. Prints how many. */

const path = require('node:path');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const WORKERS = 200;

/** What keeps the processor busy meanwhile, so that the moments are less regular. */
const BUSY = 2;

/** The time from the first line of a worker to its end, in milliseconds, is spread over this. */
const SPREAD = 4;

const program = `
  const { workerData } = require('worker_threads');
  Atomics.store(workerData, 0, 1);
  require('context');
`;

/** Blocks this thread: turns of the event loop are too long to aim with. */
function spin(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function main() {
  const busy = path.join(__dirname, '..', '..', '..', 'scripts', 'soak', 'worker.js');
  const others = Array.from({ length: BUSY }, () => new Worker(busy));
  let terminated = 0;
  for (; terminated < WORKERS; terminated++) {
    const running = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(program, { eval: true, workerData: running });
    while (Atomics.load(running, 0) === 0) await nextTurn();
    spin((SPREAD * terminated) / WORKERS);
    await worker.terminate();
  }
  await Promise.all(others.map((other) => other.terminate()));
  console.log(terminated);
}

main();
