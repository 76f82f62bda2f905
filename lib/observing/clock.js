'use strict';

/**
 * The monotonic clock, which V8 uses for the times of samples and libuv for a loop's idle time; and the clocks of the loop and its
 * thread, which the core reads (src/addon_usage.h). Times are stored as the 64-bit nanoseconds that Node.js returns: converting each
 * to a number is slower than reading the clock. Replacing `process.hrtime` after the package was loaded, as test libraries do, has no
 * effect.
 */

const { performance } = require('node:perf_hooks');

const { core } = require('../foundation');
const { readClock } = require('../util/primordials');

const { apply } = Reflect;
const { now: performanceNow } = performance;
const { holdIdleTime, ignoreWaits, noteWaits, readClocks, releaseIdleTime, shareClocks } = core;

const WORD = 2 ** 32;
const BYTES = BigUint64Array.BYTES_PER_ELEMENT;

/** In nanoseconds. */
const MICROSECOND = 1e3;
const MILLISECOND = 1e6;

/** The index of the lower 32 bits of a 64-bit word. */
const LOW = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** An array of times. */
class Moments {
  /**
   * @param {number} length
   * @param {SharedArrayBuffer} [memory] that contains them
   * @param {number} [place] the position of the first one in it, in 64-bit words
   */
  constructor(length, memory = new ArrayBuffer(length * BYTES), place = 0) {
    /** Written as nanoseconds from `readClock`. */
    this.written = new BigUint64Array(memory, place * BYTES, length);

    /** Read as pairs of 32-bit words. */
    this.halves = new Uint32Array(memory, place * BYTES, 2 * length);
  }

  milliseconds(index) {
    const at = 2 * index;
    return (this.halves[at + HIGH] * WORD + this.halves[at + LOW]) / MILLISECOND;
  }

  microseconds(index) {
    const at = 2 * index;
    return (this.halves[at + HIGH] * WORD + this.halves[at + LOW]) / MICROSECOND;
  }
}

Object.setPrototypeOf(Moments.prototype, null);

const now = new Moments(1);

/** @returns {number} V8's clock in microseconds, with a fraction that V8 omits */
function microsecondsNow() {
  now.written[0] = readClock();
  return now.microseconds(0);
}

/** @returns {number} the clock in milliseconds, with a fraction. Hot */
function millisecondsNow() {
  now.written[0] = readClock();
  return now.milliseconds(0);
}

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

/**
 * The core's last readings; times are in milliseconds. The core has one such memory, so it stays if the module cache is emptied and
 * this file runs again.
 */
core.clocks ??= new Float64Array(new SharedArrayBuffer(6 * Float64Array.BYTES_PER_ELEMENT));
const { clocks } = core;

/** The loop's total idle time; the thread's CPU time, or -1 if it is unavailable. */
const IDLE = 0;
const CPU = 1;

/**
 * While waits are noted: how often the loop has begun to wait for events, and its idle time at the first of these moments since the
 * last `noteSeen`. The loop may wake and wait again without a callback.
 */
const WAITS = 2;
const IDLE_AT_WAIT = 3;

/** That moment. */
const waitedAt = new Moments(1, clocks.buffer, 4);

const SEEN = 5;

/** To be called when something runs or ends: the next wait is the first one. Hot. */
function noteSeen() {
  clocks[SEEN] = clocks[WAITS];
}

shareClocks(clocks);

module.exports = {
  ...{ Moments, findOrigin, microsecondsNow, millisecondsNow, readClock },
  ...{ CPU, IDLE, IDLE_AT_WAIT, WAITS, clocks, waitedAt },
  ...{ holdIdleTime, ignoreWaits, noteSeen, noteWaits, readClocks, releaseIdleTime },
};
