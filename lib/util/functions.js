'use strict';

const { invalidType } = require('./errors');
const { hidden } = require('./objects');

/** @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a function */
function checkCallback(callback) {
  if (typeof callback !== 'function') throw invalidType('callback', 'a function', callback);
}

/** Copies the name and length of a function to another one, if they are readable. */
function copyNameAndLength(bound, callback) {
  try {
    const { name, length } = callback;
    Object.defineProperty(bound, 'name', hidden(name, false));
    // A function without parameters already has it.
    if (length !== bound.length) Object.defineProperty(bound, 'length', hidden(length, false));
  } catch {
    // A proxy or getter threw.
  }
  return bound;
}

module.exports = { checkCallback, copyNameAndLength };
