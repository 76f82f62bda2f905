'use strict';

/**
 * Starts worker threads that are busy in contexts, half of them observed, and terminates each at a random moment, some before they run
 * at all, while contexts are active in this thread, which is watched. Prints how many there were; throws if a context was lost.
 */

const assert = require('node:assert');
const path = require('node:path');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const { createNamespace, stats } = require('context');

const { randomFrom } = require('../../support/random');

const WORKERS = 50;
const AT_A_TIME = 5;
const LONGEST = 2000;

const namespace = createNamespace('main');
const seed = Number(process.argv[2]);
process.on('exit', (code) => code !== 0 && console.error(`seed ${seed}`));
const busy = path.join(__dirname, 'busy-worker.js');

let ended = 0;
let started = 0;

/** Starts one after the other, in a context of its own each. */
async function startWorkers() {
  while (started < WORKERS) {
    const random = randomFrom(seed, ++started);
    const context = namespace.createContext();
    await context.run(async () => {
      context.set('worker', new Worker(busy, { argv: random.chance(0.5) ? ['observed'] : [] }));
      const { worker } = context.bag;
      const exited = once(worker, 'exit').then(() => {
        assert.strictEqual(namespace.get('worker'), worker);
        ended++;
      });
      worker.on('exit', () => assert.strictEqual(namespace.active, context));
      if (random.chance(0.5)) await once(worker, 'online');
      for (let turns = random.below(LONGEST); turns > 0; turns--) {
        await namespace.run(() => {
          namespace.set('turn', turns);
          return nextTurn();
        });
        assert.strictEqual(namespace.active, context);
      }
      if (random.chance(0.5)) worker.terminate();
      else await worker.terminate();
      await exited;
    });
  }
}

async function main() {
  const outside = namespace.active;
  const watchdog = require('context/watchdog').start({ threshold: 10_000 });
  await Promise.all(Array.from({ length: AT_A_TIME }, startWorkers));
  assert.strictEqual(namespace.active, outside);
  assert.ok(stats().namespaces.main.ended >= WORKERS);
  watchdog.stop();
  console.log(ended);
}

main();
