'use strict';

/**
 * Runs more random programs than the tests do: `node --expose-gc tools/fuzz.js --runs 10000 --seed 1`; `--path` repeats the failure
 * with that path. Prints a difference from the oracle with the shortest program that has it. An AsyncLocalStorage may change how the
 * engine propagates contexts, so `--stores` chooses: `on` compares with stores in the same thread; `off` with an oracle in another
 * thread, so that no store exists here; `switched` is like `off`, and switches other stores and hooks on and off in between.
 */

require('./prepare');

const { engine } = require('context');

const { check, checkApart } = require('../test/propagation/random/check');
const { choice, number, readOptions, text } = require('./support/options');

function summary({ compared, undecided, tracked }) {
  return `, ${compared} compared, ${undecided} whose callbacks had no common order; Node.js tracked promises in ${tracked}`;
}

/** By the value of `--stores`: runs programs, and resolves to an addition to the result. */
const checks = {
  on: check,
  off: (options) => checkApart(options).then(summary),
  switched: (options) => checkApart({ ...options, others: true }).then(summary),
};

const INT32 = { least: -(2 ** 31), most: 2 ** 31 - 1 };

async function main() {
  const { runs, seed, path, stores } = readOptions({
    runs: number(10_000, { least: 1 }),
    // The range of fast-check's seeds.
    seed: number((Math.random() * 2 ** 32) | 0, INT32),
    path: text(),
    stores: choice('on', Object.keys(checks)),
  });
  console.log(`${runs} random programs with seed ${seed} on Node.js ${process.version}, engine ${engine}, stores ${stores}`);
  const start = performance.now();
  try {
    console.log(`No difference from AsyncLocalStorage${(await checks[stores]({ runs, seed, path })) ?? ''}`);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`);
}

main();
