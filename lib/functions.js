'use strict';

const { invalidType } = require('./errors');

/**
 * @param {unknown} callback
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE where it is not a function
 */
function checkCallback(callback) {
  if (typeof callback !== 'function') throw invalidType('callback', 'a function', callback);
}

/**
 * Gives a function the name and the length of another, where they can be read.
 *
 * @template {Function} F
 * @param {F} bound
 * @param {Function} callback
 * @returns {F} `bound`
 */
function likened(bound, callback) {
  const like = (property) => ({ __proto__: null, value: callback[property], configurable: true });
  try {
    return Object.defineProperties(bound, { __proto__: null, name: like('name'), length: like('length') });
  } catch {
    return bound;
  }
}

module.exports = { checkCallback, likened };
