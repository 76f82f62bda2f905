'use strict';

/**
 * Performs more random programs than the tests do: `npm run fuzz -- --runs 10000 --seed 1`. The exit code is 1 if a
 * namespace and the oracle differ, with the shortest program that shows it, and 2 if the options are wrong.
 *
 * An AsyncLocalStorage may change how the engine carries contexts (lib/engine/promise-hooks.js). `--stores` says whether there are any:
 *
 *   on         those of the oracle, beside the namespaces, from the beginning
 *   off        none: the oracle is in another thread, and what both note is compared
 *   switched   the oracle is in another thread; others switch stores and hooks on and off, in the middle of the program
 */

const { engine } = require('context');

const { readOptions } = require('./support/options');
const { check, checkApart } = require('../test/propagation/random/check');

const USAGE =
  'Usage: npm run fuzz -- [--runs <number of programs>] [--seed <integer>] [--path <path of a failure>] [--stores on|off|switched]';

/** By the value of `--stores`: performs programs, and returns what there is to be said about them. */
const checks = {
  on: check,
  off: (options) => checkApart(options).then(summary),
  switched: (options) => checkApart({ ...options, others: true }).then(summary),
};

function summary({ compared, undecided, tracked }) {
  return `, ${compared} compared, ${undecided} whose callbacks had no common order; Node.js tracked promises in ${tracked}`;
}

const OPTIONS = {
  runs: { type: 'string', default: '10000' },
  // The range that fast-check takes seeds from.
  seed: { type: 'string', default: String((Math.random() * 2 ** 32) | 0) },
  path: { type: 'string' },
  stores: { type: 'string', default: 'on' },
};

function integer(name, value, least) {
  if (/^-?\d{1,10}$/.test(value) && Number(value) >= least) return Number(value);
  throw new TypeError(`--${name} must be an integer from ${least}, but it is '${value}'`);
}

function checkOf(stores) {
  if (Object.hasOwn(checks, stores)) return checks[stores];
  throw new TypeError(`--stores must be one of ${Object.keys(checks).join(', ')}, but it is '${stores}'`);
}

async function main() {
  const { runs, seed, path, stores, perform } = readOptions(USAGE, OPTIONS, (values) => {
    const chosen = checkOf(values.stores);
    return {
      ...values,
      perform: chosen,
      runs: integer('runs', values.runs, 1),
      seed: integer('seed', values.seed, -(2 ** 31)),
    };
  });
  console.log(`${runs} random programs with seed ${seed} on Node.js ${process.version}, engine ${engine}, stores ${stores}`);
  const start = process.hrtime.bigint();
  try {
    const said = await perform({ runs, seed, path });
    console.log(`No difference from AsyncLocalStorage${said ?? ''}`);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  console.log(`${(Number(process.hrtime.bigint() - start) / 1e9).toFixed(1)} s`);
}

main();
