'use strict';

const { slotOf } = require('../../foundation');
const { invalidType, outOfRange } = require('../../util/errors');
const { checkNamespaces, checkObject, checkTime } = require('../options');

const { isInteger } = Number;

/** The thread samples at most every millisecond. */
const SHORTEST = 10;

const LONGEST = 86_400_000;

function checkDestination(destination) {
  if (typeof destination === 'string' && destination !== '') return;
  if (typeof destination === 'number') {
    if (isInteger(destination) && destination >= 0 && destination <= 0x7fffffff) return;
    throw outOfRange('destination', 'a file descriptor, an integer from 0', destination);
  }
  throw invalidType('destination', 'a file descriptor or a path', destination);
}

/**
 * Checks the options of `start` and fills in defaults.
 * @returns {{
 *   threshold: number,
 *   interval: number,
 *   destination: number | string,
 *   stack: boolean,
 *   namespaces: Namespace[] | undefined,
 *   slots: number[] | undefined,
 * }}
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE
 */
function checkOptions(options = {}) {
  checkObject(options);
  const { threshold = 1000, destination = 2, stack = true, namespaces } = options;
  checkTime('threshold', threshold, SHORTEST, LONGEST);
  const { every = threshold } = options;
  checkTime('every', every, SHORTEST, LONGEST);
  checkDestination(destination);
  if (typeof stack !== 'boolean') throw invalidType('stack', 'a boolean', stack);
  const watched = checkNamespaces(namespaces);
  const slots = watched?.map((namespace) => slotOf(namespace).number);
  return { threshold, interval: every, destination, stack, namespaces: watched, slots };
}

module.exports = { checkOptions };
