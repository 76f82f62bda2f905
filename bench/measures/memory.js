'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

/** Collections until code that ran once, as that of modules, is gone too. */
const COLLECTIONS = 10;

/** How many are kept alive, and how many before so that what the first ones set up is not counted. */
const LIVING = 20_000;
const FIRST = 1_000;

const TOGETHER = 100;

async function collect() {
  for (let i = 0; i < COLLECTIONS; i++) {
    await nextTurn();
    global.gc();
  }
}

/** The bytes that one of many takes, if all that are made are kept. */
async function bytesOf(make, nativeBytes = () => 0) {
  const bytes = () => process.memoryUsage().heapUsed + nativeBytes();
  for (let i = 0; i < FIRST; i++) make();
  await collect();
  const before = bytes();
  for (let i = 0; i < LIVING; i++) make();
  await collect();
  return (bytes() - before) / LIVING;
}

/**
 * Measures what contexts take that are alive because something was started in them and is still to come: here a
 * reaction to a promise that never settles.
 *
 * @param {() => object} setUp makes the subject
 * @returns {Promise<{ context?: number, operation: number }>} bytes that each context takes (only if there are any),
 *   and those that such a reaction takes with what it captures, in a context that others share
 */
async function living(setUp) {
  const never = new Promise(() => {});
  const start = () => void never.then(() => {});
  const { inside, get, nativeBytes } = setUp();
  const operation = await inside(() => bytesOf(start, nativeBytes));
  if (!get) return { operation };
  const both = await bytesOf(() => inside(start), nativeBytes);
  return { operation, context: both - operation };
}

/**
 * Measures the memory of a process that has served, without a network: each request runs in a new context of every
 * namespace and awaits twice; a hundred are under way at a time.
 *
 * @param {() => object} setUp makes the subject
 * @param {{ requests: number }} effort how many in all
 * @returns {Promise<{ resident: number }>} in MiB, after a collection
 */
async function resident(setUp, { requests }) {
  const { inside, get } = setUp();
  const request = async () => {
    await null;
    get?.();
    await null;
  };
  for (let done = 0; done < requests; done += TOGETHER) {
    await Promise.all(Array.from({ length: TOGETHER }, () => inside(request)));
    await nextTurn();
  }
  await collect();
  return { resident: process.memoryUsage.rss() / 2 ** 20 };
}

const measures = { living, resident };

/**
 * Measures memory.
 *
 * @param {() => object} setUp makes the subject, see subjects.js
 * @param {{ name: string }} measure of the catalogue
 * @param {object} effort see plan.js
 * @returns {Promise<Record<string, number>>} see the functions above
 */
function memory(setUp, { name }, effort) {
  return measures[name](setUp, effort);
}

module.exports = { memory };
