'use strict';

/**
 * The system's monotonic clock, by which V8 tells the moments of its samples, and libuv how long a loop has waited. Moments are kept as
 * Node.js tells them, in 64 bits: to make a number of each takes longer than to read the clock. Whoever replaces `process.hrtime` once
 * the package is loaded, as libraries for tests do, changes nothing here.
 */

const { readClock } = require('../util/primordials');

const WORD = 2 ** 32;

/** How many nanoseconds these have. */
const MICROSECOND = 1e3;
const MILLISECOND = 1e6;

/** Which of the two words of 64 bits is the lower one. */
const LOW = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** Room for moments. */
class Moments {
  /** @param {number} length how many */
  constructor(length) {
    /** To be written: nanoseconds, as `readClock` tells them. */
    this.written = new BigUint64Array(length);

    /** To be read: the same in halves. */
    this.halves = new Uint32Array(this.written.buffer);
  }

  /**
   * @param {number} index
   * @returns {number} the moment in microseconds
   */
  microseconds(index) {
    const at = 2 * index;
    return (this.halves[at + HIGH] * WORD + this.halves[at + LOW]) / MICROSECOND;
  }

  /**
   * Whether one moment is at most so much later than the one before it. If a word has run over in between, it says no.
   *
   * @param {number} index of the later one
   * @param {number} most nanoseconds, less than four seconds
   * @returns {boolean}
   */
  followsWithin(index, most) {
    const at = 2 * index;
    const { halves } = this;
    return halves[at + HIGH] === halves[at - 2 + HIGH] && halves[at + LOW] - halves[at - 2 + LOW] <= most;
  }
}

Object.setPrototypeOf(Moments.prototype, null);

/** What was read last. */
const now = new Moments(1);

/** @returns {number} what V8's clock says, in microseconds: it leaves out the fraction */
function microsecondsNow() {
  now.written[0] = readClock();
  return now.microseconds(0);
}

/** @returns {number} what the clock says, in milliseconds with their fraction. It is called where it is hot */
function millisecondsNow() {
  now.written[0] = readClock();
  return (now.halves[HIGH] * WORD + now.halves[LOW]) / MILLISECOND;
}

module.exports = { Moments, microsecondsNow, millisecondsNow, readClock };
