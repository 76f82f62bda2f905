'use strict';

const { inspect } = require('node:util');

/**
 * Adds a stable code to an error.
 * @template {Error} E
 * @returns {E} the same error
 */
function withCode(error, code) {
  error.code = code;
  return error;
}

/** The maximum length of a value in a message. */
const SHOWN = 200;

/** Formats a value for a message. Inspecting it may run application code, which may throw. */
function show(value) {
  try {
    const shown = inspect(value, { depth: 0, breakLength: Infinity, customInspect: false, maxStringLength: SHOWN });
    return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
  } catch {
    return `of type ${typeof value}`;
  }
}

/**
 * Creates the error for an argument of the wrong type.
 * @param {string} name of the argument
 * @param {string} expected such as "a function"
 * @param {unknown} actual
 * @returns {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function invalidType(name, expected, actual) {
  return withCode(new TypeError(`${name} must be ${expected}, but it is ${show(actual)}`), 'ERR_INVALID_ARG_TYPE');
}

/** Creates the error for a number that is too small or large, like `invalidType`: a RangeError with code ERR_OUT_OF_RANGE. */
function outOfRange(name, expected, actual) {
  return withCode(new RangeError(`${name} must be ${expected}, but it is ${show(actual)}`), 'ERR_OUT_OF_RANGE');
}

module.exports = { invalidType, outOfRange, withCode };
