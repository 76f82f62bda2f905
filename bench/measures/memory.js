'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

/** Garbage collections until code that ran only once, such as that of modules, is freed. */
const COLLECTIONS = 10;

/** How many to keep alive, and how many to make before, so that one-time setup is not counted. */
const LIVING = 20_000;
const FIRST = 1_000;

/** How many requests run concurrently. */
const TOGETHER = 100;

async function collect() {
  for (let i = 0; i < COLLECTIONS; i++) {
    await nextTurn();
    global.gc();
  }
}

/** The bytes per item, if all are kept. */
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
 * Measures contexts that are alive because of a pending operation: a reaction to a promise that never settles. Returns the bytes per
 * context, if the subject has any, and per operation in a shared context.
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
 * Measures the memory of a process after many requests without a network, each in a new context of every namespace. Returns MiB, after
 * a garbage collection.
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

/** Nests calls until the stack is full. Returns their number. */
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

/** How deep contexts can be nested. Compiled functions need less stack, so the last of several tries counts. */
function depth(setUp) {
  const subject = setUp();
  return { depth: Array.from({ length: 50 }, () => levelsOf(subject)).at(-1) };
}

const measures = { depth, living, resident };

/** Measures memory. `setUp` creates the subject, see subjects.js; for the effort see main.js. */
module.exports.memory = (setUp, { name }, effort) => measures[name](setUp, effort);
