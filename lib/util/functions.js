'use strict';

const { invalidType } = require('./errors');

/**
 * @param {unknown} callback
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a function
 */
function checkCallback(callback) {
  if (typeof callback !== 'function') throw invalidType('callback', 'a function', callback);
}

/**
 * A descriptor of a property of a function. With the usual prototype it is twice as fast as without one; if the application has
 * put what makes descriptors into others on that, it has none.
 */
function descriptorOf(value) {
  const isAccessor = 'get' in Object.prototype || 'set' in Object.prototype;
  return isAccessor
    ? { __proto__: null, value, configurable: true }
    : { value, writable: false, enumerable: false, configurable: true };
}

/**
 * Gives a function the name and the length of another, if they can be read.
 *
 * @template {Function} F
 * @param {F} bound
 * @param {Function} callback
 * @returns {F} `bound`
 */
function copyNameAndLength(bound, callback) {
  try {
    const { name, length } = callback;
    Object.defineProperty(bound, 'name', descriptorOf(name));
    // Without parameters a function has it already.
    if (length !== bound.length) Object.defineProperty(bound, 'length', descriptorOf(length));
  } catch {
    // A proxy or a getter that does not let itself be read.
  }
  return bound;
}

module.exports = { checkCallback, copyNameAndLength };
