'use strict';

const { toKey } = require('../../foundation');
const { invalidType, withCode } = require('../../util/errors');
const { checkNamespaces, checkObject, checkTime } = require('../options');

const { isArray } = Array;

/** V8 needs longer than this for a sample of a deep stack. */
const SHORTEST_INTERVAL = 0.1;
const LONGEST_INTERVAL = 1000;

/** The default intervals: of a single profile, and of continuous profiling in production. */
const USUAL_INTERVAL = 1;
const CONTINUOUS_INTERVAL = 10;

/** V8 needs some ten milliseconds to start a profile. */
const SHORTEST_PROFILE = 1000;

/** A day. */
const LONGEST_PROFILE = 86_400_000;

const MOST_KEYS = 32;

function checkKeys(keys) {
  if (!isArray(keys)) throw invalidType('keys', "an array of keys, such as ['route']", keys);
  const checked = [...new Set(Array.from(keys, toKey))];
  if (checked.length > MOST_KEYS) {
    const message = `keys must have at most ${MOST_KEYS} elements, but has ${checked.length}: choose those that identify the work`;
    throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
  }
  return checked;
}

/**
 * Checks the options of `start` and fills in defaults.
 * @returns {{ interval: number, keys: (string | symbol)[], namespaces: Namespace[] | undefined }}
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE
 */
function checkOptions(options = {}, usualInterval = USUAL_INTERVAL) {
  checkObject(options);
  const { interval = usualInterval, keys, namespaces } = options;
  checkTime('interval', interval, SHORTEST_INTERVAL, LONGEST_INTERVAL);
  return { interval, keys: checkKeys(keys), namespaces: checkNamespaces(namespaces) };
}

/** Checks the arguments of `continuous` and fills in defaults. Returns and throws like `checkOptions`. */
function checkContinuous(options, onProfile) {
  checkObject(options);
  const { every = 60_000 } = options;
  checkTime('every', every, SHORTEST_PROFILE, LONGEST_PROFILE);
  const checked = checkOptions(options, CONTINUOUS_INTERVAL);
  if (typeof onProfile !== 'function') throw invalidType('onProfile', 'a function', onProfile);
  return { every, ...checked };
}

module.exports = { CONTINUOUS_INTERVAL, LONGEST_PROFILE, SHORTEST_PROFILE, checkContinuous, checkOptions };
