'use strict';

/** What the core knows of the loop and its thread: see src/addon_usage.h. */

const { performance } = require('node:perf_hooks');

const { core } = require('../../foundation');
const { millisecondsNow } = require('../clock');

const { apply } = Reflect;
const { now: performanceNow } = performance;
const { holdIdleTime, readClocks, releaseIdleTime, shareClocks } = core;

/** What was read last, in milliseconds. */
const clocks = new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT));

/** What each of them is: how long the loop has waited in all, and the CPU time of the thread, -1 if it is not to be had. */
const IDLE = 0;
const CPU = 1;

shareClocks(clocks);

/** @returns {number} what the clock says at 0 of performance.now(), in milliseconds */
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
