'use strict';

/** The ways to block an event loop, each with what `prepare` has made for it, or for a time in milliseconds. */

const { execSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const { performance } = require('node:perf_hooks');

/** How long a function runs, in milliseconds. */
function timeOf(work) {
  const begin = performance.now();
  work();
  return Math.max(0.01, performance.now() - begin);
}

const hash = (iterations) => crypto.pbkdf2Sync('password', 'salt', iterations, 64, 'sha512');
const evil = /^(a+)+$/;
const textFor = (length) => `${'a'.repeat(length)}!`;
const jsonOf = (megabytes) => JSON.stringify(Array.from({ length: megabytes * 1000 }, (_, n) => [n, `${n}`.padEnd(990, '\n')]));
const numbers = (count) => Float64Array.from({ length: count }, (_, n) => Math.sin(n) * n);

/** Makes what a kind needs to block for so many milliseconds, before the block: `size` is what that is done with, found by trying. */
const prepare = {
  regexp(ms) {
    const length = 22;
    const took = timeOf(() => evil.test(textFor(length)));
    return { ms, size: textFor(length + Math.ceil(Math.log2(ms / took))) };
  },
  pbkdf2: (ms) => ({ ms, size: Math.ceil((50_000 * ms) / timeOf(() => hash(50_000))) }),
  jsonParse(ms) {
    const sample = jsonOf(5);
    return { ms, size: jsonOf(Math.min(200, Math.ceil((5 * ms) / timeOf(() => JSON.parse(sample))))) };
  },
  sort(ms) {
    const sample = numbers(200_000);
    return { ms, size: numbers(Math.ceil((200_000 * ms) / timeOf(() => sample.sort()))) };
  },
};

/** Works once, and again until the time is over. */
function forTime({ ms, size }, work) {
  const end = performance.now() + ms;
  do work(size);
  while (performance.now() < end);
}

/** These run JavaScript all the time, so that their stack can be read. In `microtasks` V8 answers between two, with an empty stack. */
const JAVASCRIPT = ['loop', 'regexp'];

const kinds = {
  loop(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
  regexp(material) {
    forTime(material, (text) => evil.test(text));
  },
  pbkdf2: (material) => forTime(material, hash),
  execSync: (ms) => execSync(`sleep ${ms / 1000}`),
  async microtasks(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end) await null;
  },
  jsonParse: (material) => forTime(material, (text) => JSON.parse(text)),
  sort: (material) => forTime(material, (array) => array.slice().sort()),
  /** Until somebody writes to it. */
  fifo: (name) => fs.readFileSync(name),
};

module.exports = { JAVASCRIPT, kinds, prepare };
