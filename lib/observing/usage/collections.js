'use strict';

/**
 * Attributes garbage collections. The platform reports a collection a turn after it happened. Until then, this remembers which
 * accounts were charged when, for times long enough to contain a significant collection.
 */

const { PerformanceObserver } = require('node:perf_hooks');

const { safeArray } = require('../../util/primordials');

const { apply } = Reflect;
const { disconnect, observe } = PerformanceObserver.prototype;

/** Shorter times, in milliseconds, are not remembered. */
const SHORTEST = 0.05;

/** The size of the ring buffer. */
const COUNT = 1024;

const begins = new Float64Array(COUNT);
const ends = new Float64Array(COUNT);
const accounts = safeArray();
for (let index = 0; index < COUNT; index++) accounts[index] = undefined;

/** How many times were remembered; the low bits are the next index. */
let count = 0;

/**
 * Remembers that an account was charged for at least SHORTEST. Hot.
 * @param {Account} account
 * @param {number} begin in milliseconds of `millisecondsNow()`
 * @param {number} end
 */
function remember(account, begin, end) {
  const place = count++ & (COUNT - 1);
  begins[place] = begin;
  ends[place] = end;
  accounts[place] = account;
}

/** Clears the buffer, which keeps accounts alive. */
function forget() {
  count = 0;
  for (let index = 0; index < COUNT; index++) accounts[index] = undefined;
}

/** Splits a collection between the accounts that were charged meanwhile. Ignores forgotten times. */
function shareOut(begin, end, onPart) {
  for (let back = 1; back <= COUNT && back <= count; back++) {
    const place = (count - back) & (COUNT - 1);
    if (ends[place] <= begin) return;
    const part = Math.min(end, ends[place]) - Math.max(begin, begins[place]);
    if (part > 0) onPart(accounts[place], part);
  }
}

/**
 * Observes garbage collections.
 * @param {number} origin the clock when performance.now() was 0, in milliseconds
 * @param {object} handlers for each batch of collections
 * @param {() => void} handlers.before
 * @param {(account: Account, time: number) => void} handlers.onPart a part of a collection, in milliseconds
 * @param {() => void} handlers.after
 * @returns {() => void} stops observing
 */
function watchCollections(origin, { before, onPart, after }) {
  let last = -Infinity;
  const observer = new PerformanceObserver((list) => {
    before();
    const entries = list.getEntries();
    for (let index = 0; index < entries.length; index++) {
      const { startTime, duration } = entries[index] ?? {};
      // Collections may nest.
      const begin = Math.max(startTime + origin, last);
      const end = startTime + origin + duration;
      if (!(end > begin)) continue;
      shareOut(begin, end, onPart);
      last = end;
    }
    forget();
    after();
  });
  apply(observe, observer, [{ entryTypes: ['gc'] }]);
  return function stop() {
    apply(disconnect, observer, []);
    forget();
  };
}

module.exports = { SHORTEST, remember, watchCollections };
