'use strict';

/** Clocks of the loop and its thread, read by the core: see src/addon_usage.h. */

const { performance } = require('node:perf_hooks');

const { core } = require('../foundation');
const { Moments, millisecondsNow } = require('./clock');

const { apply } = Reflect;
const { now: performanceNow } = performance;
const { holdIdleTime, ignoreWaits, noteWaits, readClocks, releaseIdleTime, shareClocks } = core;

/** The last readings. Times are in milliseconds. */
const clocks = new Float64Array(new SharedArrayBuffer(6 * Float64Array.BYTES_PER_ELEMENT));

/** The loop's total idle time; the thread's CPU time, or -1 if it is unavailable. */
const IDLE = 0;
const CPU = 1;

/**
 * While waits are noted: how often the loop has begun to wait for events, and its idle time at the first of these moments since
 * something ran that was seen. The loop may wake and wait again without a callback.
 */
const WAITS = 2;
const IDLE_AT_WAIT = 3;

/** That moment, as of `Moments`. */
const waitedAt = new Moments(1, clocks.buffer, 4);

const SEEN = 5;

/** To be called when something runs or ends: the next wait is the first one. Hot. */
function noteSeen() {
  clocks[SEEN] = clocks[WAITS];
}

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

module.exports = {
  ...{ CPU, IDLE, IDLE_AT_WAIT, WAITS, clocks, waitedAt },
  ...{ findOrigin, holdIdleTime, ignoreWaits, noteSeen, noteWaits, readClocks, releaseIdleTime },
};
