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
    Object.defineProperty(bound, 'name', { __proto__: null, value: name, configurable: true });
    Object.defineProperty(bound, 'length', { __proto__: null, value: length, configurable: true });
  } catch {
    // A proxy or a getter that does not let itself be read.
  }
  return bound;
}

module.exports = { checkCallback, copyNameAndLength };
