'use strict';

const { invalidType } = require('./errors');

/** @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a function */
function checkCallback(callback) {
  if (typeof callback !== 'function') throw invalidType('callback', 'a function', callback);
}

/**
 * Creates a property descriptor. One with the usual prototype is twice as fast, unless the application has put `get` or `set`
 * there.
 */
function descriptorOf(value) {
  const isAccessor = 'get' in Object.prototype || 'set' in Object.prototype;
  return isAccessor
    ? { __proto__: null, value, configurable: true }
    : { value, writable: false, enumerable: false, configurable: true };
}

/** Copies the name and length of a function to another one, if they are readable. */
function copyNameAndLength(bound, callback) {
  try {
    const { name, length } = callback;
    Object.defineProperty(bound, 'name', descriptorOf(name));
    // A function without parameters already has it.
    if (length !== bound.length) Object.defineProperty(bound, 'length', descriptorOf(length));
  } catch {
    // A proxy or getter threw.
  }
  return bound;
}

module.exports = { checkCallback, copyNameAndLength };
