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

/** How much of a value is shown in a message, in characters. */
const SHOWN = 200;

/** A value in a message. Looking at it may run code of the application's, which may throw. */
function show(value) {
  try {
    const shown = inspect(value, { depth: 0, breakLength: Infinity, customInspect: false, maxStringLength: SHOWN });
    return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
  } catch {
    return `of type ${typeof value}`;
  }
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
  return withCode(new TypeError(`${name} must be ${expected}, but it is ${show(actual)}`), 'ERR_INVALID_ARG_TYPE');
}

module.exports = { invalidType, withCode };
