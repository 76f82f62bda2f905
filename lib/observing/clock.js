'use strict';

/**
 * The monotonic clock, which V8 uses for the times of samples and libuv for a loop's idle time. Times are stored as the 64-bit
 * nanoseconds that Node.js returns: converting each to a number is slower than reading the clock. Replacing `process.hrtime`
 * after the package was loaded, as test libraries do, has no effect.
 */

const { readClock } = require('../util/primordials');

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
   * @param {SharedArrayBuffer} [memory] where they are
   * @param {number} [place] of the first one there, in 64-bit words
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

module.exports = { Moments, microsecondsNow, millisecondsNow, readClock };
