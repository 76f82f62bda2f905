'use strict';

/**
 * Performs more random programs than the tests do: `npm run fuzz -- --runs 10000 --seed 1`. The exit code is 1 where a
 * namespace and the oracle differ, with the shortest program that shows it, and 2 where the options are wrong.
 */

const { parseArgs } = require('node:util');

const { engine } = require('context');

const { check } = require('../test/random/check');

const USAGE = 'Usage: npm run fuzz -- [--runs <number of programs>] [--seed <integer>] [--path <path of a failure>]';
const DEFAULT_RUNS = '10000';

function integer(name, value, least) {
  if (/^-?\d{1,10}$/.test(value) && Number(value) >= least) return Number(value);
  throw new TypeError(`--${name} must be an integer from ${least}, but it is '${value}'`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: DEFAULT_RUNS },
      // The range that fast-check takes seeds from.
      seed: { type: 'string', default: String((Math.random() * 2 ** 32) | 0) },
      path: { type: 'string' },
    },
  });
  return { ...values, runs: integer('runs', values.runs, 1), seed: integer('seed', values.seed, -(2 ** 31)) };
}

async function main() {
  let options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
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
