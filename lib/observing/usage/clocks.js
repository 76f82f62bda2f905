'use strict';

/** Clocks of the loop and its thread, read by the core: see src/addon_usage.h. */

const { performance } = require('node:perf_hooks');

const { core } = require('../../foundation');
const { millisecondsNow } = require('../clock');

const { apply } = Reflect;
const { now: performanceNow } = performance;
const { holdIdleTime, readClocks, releaseIdleTime, shareClocks } = core;

/** The last reading, in milliseconds. */
const clocks = new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT));

/** The loop's total idle time; the thread's CPU time, or -1 if it is unavailable. */
const IDLE = 0;
const CPU = 1;

shareClocks(clocks);

/** @returns {number} the clock when performance.now() was 0, in milliseconds */
function findOrigin() {
  let origin = 0;
  let shortest = Infinity;
  for (let n = 0; n < 20; n++) {
    const before = millisecondsNow();
    const reading = apply(performanceNow, performance, []);
    const length = millisecondsNow() - before;
    if (length >= shortest) continue;
    shortest = length;
    origin = before + length / 2 - reading;
  }
  return origin;
}

module.exports = { CPU, IDLE, clocks, findOrigin, holdIdleTime, readClocks, releaseIdleTime };
