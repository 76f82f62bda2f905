'use strict';

const { inspect } = require('node:util');

/**
 * Gives an error its stable code.
 *
 * @template {Error} E
 * @param {E} error
 * @param {string} code
 * @returns {E} the same error
 */
function withCode(error, code) {
  error.code = code;
  return error;
}

/**
 * Says that an argument has the wrong type.
 *
 * @param {string} name of the argument
 * @param {string} expected what it must be, as in "a function"
 * @param {unknown} actual
 * @returns {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function invalidType(name, expected, actual) {
  const shown = inspect(actual, { depth: 0, breakLength: Infinity });
  return withCode(new TypeError(`${name} must be ${expected}, but it is ${shown}`), 'ERR_INVALID_ARG_TYPE');
}

module.exports = { invalidType, withCode };
