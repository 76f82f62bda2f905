'use strict';

const { toKey } = require('../../foundation');
const { invalidType, withCode } = require('../../util/errors');
const { checkNamespaces, checkObject, checkTime } = require('../options');

const { isArray } = Array;

/** V8 takes longer than this for one sample of a deep stack. */
const SHORTEST_INTERVAL = 0.1;
const LONGEST_INTERVAL = 1000;

/** To begin a profile takes V8 some ten milliseconds. */
const SHORTEST_PROFILE = 1000;

/** A day. */
const LONGEST_PROFILE = 86_400_000;

/** How many keys can be labels. */
const MOST_KEYS = 32;

/** The keys of labels, each once. */
function checkKeys(keys) {
  if (!isArray(keys)) throw invalidType('keys', "an array of keys, such as ['route']", keys);
  const checked = [...new Set(Array.from(keys, toKey))];
  if (checked.length > MOST_KEYS) {
    const message = `keys must be ${MOST_KEYS} at most, but they are ${checked.length}: name those that tell whose work it is`;
    throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
  }
  return checked;
}

/**
 * Checks the options of `start`.
 *
 * @param {unknown} options
 * @returns {{ interval: number, keys: (string | symbol)[], namespaces: Namespace[] | undefined }} all of them
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE
 */
function checkOptions(options = {}) {
  checkObject(options);
  const { interval = 1, keys, namespaces } = options;
  checkTime('interval', interval, SHORTEST_INTERVAL, LONGEST_INTERVAL);
  return { interval, keys: checkKeys(keys), namespaces: checkNamespaces(namespaces) };
}

/**
 * Checks what `continuous` is called with.
 *
 * @param {unknown} options
 * @param {unknown} onProfile
 * @returns {{ every: number, interval: number, keys: (string | symbol)[], namespaces: Namespace[] | undefined }}
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE
 */
function checkContinuous(options, onProfile) {
  checkObject(options);
  const { every = 60_000 } = options;
  checkTime('every', every, SHORTEST_PROFILE, LONGEST_PROFILE);
  const checked = checkOptions(options);
  if (typeof onProfile !== 'function') throw invalidType('onProfile', 'a function', onProfile);
  return { every, ...checked };
}

module.exports = { checkContinuous, checkOptions };
