'use strict';

/** The clocks of the loop and its thread, as the core reads them: see src/addon_usage.h. */

const { performance } = require('node:perf_hooks');

const core = require('../../frames/binding');

const { apply } = Reflect;
const { now: performanceNow } = performance;
const { readClocks, readTime, shareClocks } = core;

/** What was read last, in milliseconds. */
const clocks = new Float64Array(new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT));

/** What each of them is: the time, how long the loop has waited in all, and the CPU time of the thread, -1 if it is not to be had. */
const NOW = 0;
const IDLE = 1;
const CPU = 2;

shareClocks(clocks);

/** @returns {number} what the clock says at 0 of performance.now(), in milliseconds */
function findOrigin() {
  let origin = 0;
  let shortest = Infinity;
  for (let n = 0; n < 20; n++) {
    readTime();
    const before = clocks[NOW];
    const told = apply(performanceNow, performance, []);
    readTime();
    const length = clocks[NOW] - before;
    if (length >= shortest) continue;
    shortest = length;
    origin = before + length / 2 - told;
  }
  return origin;
}

module.exports = { CPU, IDLE, NOW, clocks, findOrigin, readClocks, readTime };
