'use strict';

const { Namespace, slotOf } = require('../../api/namespace');
const { getNamespace } = require('../../api/registry');
const { invalidType, withCode } = require('../../util/errors');

const { isArray } = Array;
const { isInteger } = Number;

/** The thread looks every millisecond at most. */
const SHORTEST = 10;

/** A day. */
const LONGEST = 86_400_000;

function checkTime(name, value) {
  if (typeof value !== 'number') throw invalidType(name, 'a number of milliseconds', value);
  if (!(value >= SHORTEST && value <= LONGEST)) {
    const message = `${name} must be from ${SHORTEST} to ${LONGEST} milliseconds, but it is ${value}`;
    throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
  }
}

function checkDestination(destination) {
  if (typeof destination === 'string' && destination !== '') return;
  if (typeof destination === 'number') {
    if (isInteger(destination) && destination >= 0 && destination <= 0x7fffffff) return;
    const message = `destination must be the number of a file descriptor, from 0 on, but it is ${destination}`;
    throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
  }
  throw invalidType('destination', 'a file descriptor or a path', destination);
}

/** The namespace that is meant by an element of `namespaces`. */
function toNamespace(element) {
  if (element instanceof Namespace) return element;
  if (typeof element !== 'string') throw invalidType('namespaces', 'an array of namespaces or their names', element);
  const namespace = getNamespace(element);
  if (namespace !== undefined) return namespace;
  const message = `namespaces names '${element}', but there is no such namespace: create it before, or pass the namespace itself`;
  throw withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
}

/**
 * Checks the options of `start`.
 *
 * @param {unknown} options
 * @returns {{
 *   threshold: number,
 *   interval: number,
 *   destination: number | string,
 *   stack: boolean,
 *   namespaces: Namespace[] | undefined,
 *   slots: number[] | undefined,
 * }} all of them, and the slots of the namespaces
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE
 */
function checkOptions(options = {}) {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { threshold = 1000, destination = 2, stack = true, namespaces } = options;
  checkTime('threshold', threshold);
  const { interval = threshold } = options;
  checkTime('interval', interval);
  checkDestination(destination);
  if (typeof stack !== 'boolean') throw invalidType('stack', 'a boolean', stack);
  if (namespaces !== undefined && !isArray(namespaces)) throw invalidType('namespaces', 'an array of namespaces', namespaces);
  const watched = namespaces?.map(toNamespace);
  const slots = watched?.map((namespace) => slotOf(namespace).number);
  return { threshold, interval, destination, stack, namespaces: watched, slots };
}

module.exports = { checkOptions };
