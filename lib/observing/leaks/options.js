'use strict';

const { invalidType, withCode } = require('../../util/errors');
const { checkObject } = require('../options');

const OLDER_THAN = 10_000;
const SAMPLE = 1000;
const MEGABYTE = 1e6;
const MAX_HEAP = 100 * MEGABYTE;

/**
 * Checks the options of `start`.
 * @returns {{ label: ((context: Context) => string) | undefined }}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function checkStart(options = {}) {
  checkObject(options);
  const { label } = options;
  if (label === undefined || typeof label === 'function') return { label };
  throw invalidType('label', 'a function that returns a string for a context', label);
}

function checkAmount(name, value, least, unit) {
  if (typeof value !== 'number') throw invalidType(name, `a number of ${unit}`, value);
  if (value >= least) return;
  throw withCode(new RangeError(`${name} must be at least ${least} ${unit}, but it is ${value}`), 'ERR_OUT_OF_RANGE');
}

/**
 * Checks the options of `ended` and `explain`, and fills in defaults.
 * @returns {{ olderThan: number, sample: number, maxHeap: number }}
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE or ERR_OUT_OF_RANGE
 */
function checkQuery(options = {}) {
  checkObject(options);
  const { olderThan = OLDER_THAN, sample = SAMPLE, maxHeap = MAX_HEAP } = options;
  checkAmount('olderThan', olderThan, 0, 'milliseconds');
  checkAmount('sample', sample, 1, 'contexts');
  checkAmount('maxHeap', maxHeap, 0, 'bytes');
  return { olderThan, sample, maxHeap };
}

module.exports = { MEGABYTE, checkQuery, checkStart };
