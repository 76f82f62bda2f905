'use strict';

const { performance } = require('node:perf_hooks');

const { apply } = Reflect;
const performanceNow = performance.now;
const hrtime = process.hrtime.bigint;

/** How often two clocks are read to find what lies between them. */
const ATTEMPTS = 50;

const NANOSECONDS = 1000;

/**
 * The time of the monotonic clock, that of this thread's `performance`: nobody who replaces that, as libraries for tests do,
 * replaces this.
 *
 * @returns {number} milliseconds
 */
function now() {
  return apply(performanceNow, performance, []);
}

/**
 * What `now` is at the origin of the system's monotonic clock, by which V8 tells the time of its samples.
 *
 * @returns {number} milliseconds, exact to a fraction of a microsecond
 */
function findOrigin() {
  let narrowest = Infinity;
  let origin = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = hrtime();
    const time = now();
    const width = Number(hrtime() - before);
    if (width >= narrowest) continue;
    narrowest = width;
    // Microseconds first: a double has not the digits for the nanoseconds of a machine that has been up for long.
    const middle = Number(before / 1000n) + (Number(before % 1000n) + width / 2) / NANOSECONDS;
    origin = time - middle / 1000;
  }
  return origin;
}

module.exports = { findOrigin, now };
