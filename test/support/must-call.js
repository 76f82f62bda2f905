'use strict';

const assert = require('node:assert');

/** The functions that the running test expects to be called. */
const expected = [];

/**
 * A function that the running test expects to be called: so often, and no more, until it ends. Assertions that are made in a
 * callback alone belong in one.
 *
 * @template {Function} F
 * @param {F} callback
 * @param {number} [times] how often; once if it is not given
 * @returns {F}
 */
function mustCall(callback, times = 1) {
  const expectation = { calls: 0, times, stack: new Error('It was made here:').stack };
  expected.push(expectation);
  return function (...args) {
    expectation.calls++;
    return Reflect.apply(callback, this, args);
  };
}

/** Fails unless all that the test expected was called. For the hook that runs after each test. */
function assertCalls() {
  for (const { calls, times, stack } of expected.splice(0)) {
    assert.strictEqual(calls, times, `a function was called ${calls} times, and is expected to be ${times} times. ${stack}`);
  }
}

module.exports = { assertCalls, mustCall };
