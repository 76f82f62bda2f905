'use strict';

/**
 * Whose time was spent on the collection of garbage. The platform tells of each collection when it is over, a turn later. Until then
 * this remembers who had the loop, as far as that was for so long that a collection worth telling fits in.
 */

const { PerformanceObserver } = require('node:perf_hooks');

const { safeArray } = require('../../util/primordials');

const { apply } = Reflect;
const { disconnect, observe } = PerformanceObserver.prototype;

/** Milliseconds: shorter times are not remembered. */
const SHORTEST = 0.05;

/** How many are remembered. */
const COUNT = 1024;

const begins = new Float64Array(COUNT);
const ends = new Float64Array(COUNT);
const accounts = safeArray();
for (let index = 0; index < COUNT; index++) accounts[index] = undefined;

/** How many were remembered in all: the next one's place is its last bits. */
let count = 0;

/**
 * Remembers who had the loop for at least SHORTEST. Called where it is hot.
 *
 * @param {Account} account
 * @param {number} begin in milliseconds, of the clock of performance.now()
 * @param {number} end
 */
function remember(account, begin, end) {
  const place = count++ & (COUNT - 1);
  begins[place] = begin;
  ends[place] = end;
  accounts[place] = account;
}

/** Forgets all, so that nobody is kept. */
function forget() {
  count = 0;
  for (let index = 0; index < COUNT; index++) accounts[index] = undefined;
}

/** Tells whose time a collection was, in as many parts as it had owners. What nobody is remembered for is not handlers. */
function shareOut(begin, end, onPart) {
  for (let back = 1; back <= COUNT && back <= count; back++) {
    const place = (count - back) & (COUNT - 1);
    if (ends[place] <= begin) return;
    const part = Math.min(end, ends[place]) - Math.max(begin, begins[place]);
    if (part > 0) onPart(accounts[place], part);
  }
}

/**
 * Has the collections of garbage handlers from here on.
 *
 * @param {number} origin what the clock says at 0 of performance.now(), in milliseconds
 * @param {object} handlers what is handlers of several of them
 * @param {() => void} handlers.before is called at first
 * @param {(account: Account, time: number) => void} handlers.onPart is handlers whose time was taken by one, in milliseconds
 * @param {() => void} handlers.after is called at last
 * @returns {() => void} stops
 */
function watchCollections(origin, { before, onPart, after }) {
  let last = -Infinity;
  const observer = new PerformanceObserver((list) => {
    before();
    const entries = list.getEntries();
    for (let index = 0; index < entries.length; index++) {
      const { startTime, duration } = entries[index] ?? {};
      // They may nest.
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
