'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

/** Collections until code that ran only once, such as that of modules, is gone too. */
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

/** The bytes that one of many needs, if all that are made are kept. */
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
 * Measures the memory of contexts that are alive because of something that was started in them and is pending: here a reaction to a promise
 * that never settles. Gives the bytes of each context (only if there are any), and those of such a reaction with what it captures, in a
 * context that others share.
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
 * Measures the memory of a process that has served, without a network: each request runs in a new context of every namespace and awaits
 * twice; a hundred are in flight at a time. Gives MiB, after a collection.
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

/** Calls a subject until the stack is full, and returns how many calls there were. */
function levelsOf({ enter }) {
  let levels = 0;
  const deeper = () => {
    levels++;
    enter(deeper);
  };
  try {
    deeper();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return levels;
}

/** How deep contexts can be nested. A function needs less of the stack once it is compiled: the last of several is what a program sees. */
function depth(setUp) {
  const subject = setUp();
  return { depth: Array.from({ length: 50 }, () => levelsOf(subject)).at(-1) };
}

const measures = { depth, living, resident };

/** Measures memory: the subject is made by `setUp`, see subjects.js; for the effort see main.js. */
module.exports.memory = (setUp, { name }, effort) => measures[name](setUp, effort);
