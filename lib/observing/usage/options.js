'use strict';

const { slotOf, toKey } = require('../../foundation');
const { invalidType, outOfRange, withCode } = require('../../util/errors');
const { safeArray } = require('../../util/primordials');
const { checkNamespaces, checkObject, checkTime } = require('../options');

const { isArray } = Array;
const { isInteger } = Number;

/** The maximum number of keys: each is looked up at every flush. */
const MAX_KEYS = 16;

const LEAST_ROWS = 1;
const MOST_ROWS = 100_000;

/** In milliseconds: exporters need at most ten updates per second; a day. */
const SHORTEST = 100;
const LONGEST = 86_400_000;

function checkKeys(keys) {
  if (!isArray(keys)) throw invalidType('keys', 'an array of keys', keys);
  const { length } = keys;
  if (length > MAX_KEYS) {
    const message = `keys must have at most ${MAX_KEYS} elements, but has ${length}: choose those that identify the work`;
    throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
  }
  const checked = safeArray();
  for (let index = 0; index < length; index++) checked[index] = toKey(keys[index]);
  return checked;
}

function checkMaxRows(maxRows) {
  if (typeof maxRows !== 'number') throw invalidType('maxRows', 'a number', maxRows);
  if (isInteger(maxRows) && maxRows >= LEAST_ROWS && maxRows <= MOST_ROWS) return;
  throw outOfRange('maxRows', `an integer from ${LEAST_ROWS} to ${MOST_ROWS}`, maxRows);
}

/**
 * Checks the options of `start` and fills in defaults.
 * @returns {{ slots: Slot[] | undefined, keys: (string | symbol)[], maxRows: number, every: number | undefined }} with slots
 *   instead of namespaces; undefined for all
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE
 */
function checkOptions(options = {}) {
  checkObject(options);
  const { namespaces, keys = [], maxRows = 1000, every } = options;
  const checkedKeys = checkKeys(keys);
  checkMaxRows(maxRows);
  if (every !== undefined) checkTime('every', every, SHORTEST, LONGEST);
  const counted = checkNamespaces(namespaces);
  return { slots: counted?.map(slotOf), keys: checkedKeys, maxRows, every };
}

module.exports = { checkOptions };
