'use strict';

/**
 * Terminates worker threads while they load the addon, whose path is the argument, and make what it makes for a thread. Prints how
 * many.
 *
 * Each worker loads it over and over, which a process may do: so that whenever the worker is terminated, it is in the middle.
 * Every fourth loads the package instead, once, and is terminated at the moment when it begins to, or a little later.
 */

const { Worker } = require('node:worker_threads');

const WORKERS = 24;

/** How long workers go on until they are terminated, in milliseconds, is spread over this. */
const SPREAD = 2;

const [, , addon] = process.argv;

const loads = {
  addon: `
    for (;;) {
      const loaded = { exports: {} };
      process.dlopen(loaded, ${JSON.stringify(addon)});
      begin();
      const core = loaded.exports;
      for (let times = 0; times < 20; times++) {
        core.createNamespace('namespace', {});
        core.openPage({});
      }
      core.stats();
      core.reclaim();
    }
  `,
  package: `
    begin();
    require('context');
  `,
};

const prelude = `
  const { workerData } = require('worker_threads');
  function begin() {
    Atomics.store(workerData, 0, 1);
    Atomics.notify(workerData, 0);
  }
`;

/** Blocks this thread: turns of the event loop are too long to aim with. */
function spin(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function main() {
  let terminated = 0;
  for (; terminated < WORKERS; terminated++) {
    const running = new Int32Array(new SharedArrayBuffer(4));
    const program = prelude + (terminated % 4 === 0 ? loads.package : loads.addon);
    const worker = new Worker(program, { eval: true, workerData: running });
    Atomics.wait(running, 0, 0);
    spin((SPREAD * terminated) / WORKERS);
    await worker.terminate();
  }
  console.log(terminated);
}

main();
