'use strict';

/**
 * Performs more random programs than the tests do: `npm run fuzz -- --runs 10000 --seed 1`. The exit code is 1 if a
 * namespace and the oracle differ, with the shortest program that shows it, and 2 if the options are wrong.
 */

const { engine } = require('context');

const { readOptions } = require('./support/options');
const { check } = require('../test/propagation/random/check');

const USAGE = 'Usage: npm run fuzz -- [--runs <number of programs>] [--seed <integer>] [--path <path of a failure>]';

const OPTIONS = {
  runs: { type: 'string', default: '10000' },
  // The range that fast-check takes seeds from.
  seed: { type: 'string', default: String((Math.random() * 2 ** 32) | 0) },
  path: { type: 'string' },
};

function integer(name, value, least) {
  if (/^-?\d{1,10}$/.test(value) && Number(value) >= least) return Number(value);
  throw new TypeError(`--${name} must be an integer from ${least}, but it is '${value}'`);
}

async function main() {
  const options = readOptions(USAGE, OPTIONS, (values) => {
    return { ...values, runs: integer('runs', values.runs, 1), seed: integer('seed', values.seed, -(2 ** 31)) };
  });
  const { runs, seed } = options;
  console.log(`${runs} random programs with seed ${seed} on Node.js ${process.version}, engine ${engine}`);
  const start = process.hrtime.bigint();
  try {
    await check(options);
    console.log('No difference from AsyncLocalStorage');
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  console.log(`${(Number(process.hrtime.bigint() - start) / 1e9).toFixed(1)} s`);
}

main();
