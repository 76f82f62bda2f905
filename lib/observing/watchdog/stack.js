'use strict';

const path = require('node:path');

const { captureStackTrace } = Error;
const { defineProperty, getOwnPropertyDescriptor } = Object;
const { apply, deleteProperty } = Reflect;
const { includes } = String.prototype;

/** How many calls are told, from the innermost one outwards. */
const LIMIT = 50;

/** The calls as lines: in place of what the application has for that, whose code must not run in the middle of other code. */
function toLines(_error, calls) {
  const lines = [];
  for (let index = 0; index < calls.length; index++) {
    lines[index] = `${calls[index].getFileName() === null ? calls[index].getFunctionName() : calls[index]}`;
  }
  return lines;
}

/** Sets a property of Error for a while, and returns what sets it back. */
function override(name, value) {
  const before = getOwnPropertyDescriptor(Error, name);
  defineProperty(Error, name, { __proto__: null, value, configurable: true, enumerable: true, writable: true });
  return () => (before === undefined ? deleteProperty(Error, name) : defineProperty(Error, name, before));
}

/**
 * Tells the calls that are running. It may be called in the middle of any code: nothing of the application's runs.
 *
 * @param {Function} caller whose own call is left out, and all calls inside it
 * @returns {string[] | undefined} as lines of a stack, the innermost call first; undefined if they cannot be had
 */
function stackOutside(caller) {
  const restores = [];
  try {
    restores.push(override('stackTraceLimit', LIMIT), override('prepareStackTrace', toLines));
    const holder = { __proto__: null };
    captureStackTrace(holder, caller);
    const { stack } = holder;
    return typeof stack === 'object' ? stack : undefined;
  } catch {
    // The stack is full, or Error is frozen.
    return undefined;
  } finally {
    for (let index = restores.length - 1; index >= 0; index--) restores[index]();
  }
}

/** The folder of this package's code. */
const lib = path.join(__dirname, '..', '..', path.sep);

/**
 * Whether a call of a stack is one of a file that is neither of Node.js nor of this package.
 *
 * @param {string[]} stack
 * @returns {boolean}
 */
function isOfApplication(stack) {
  for (let index = 0; index < stack.length; index++) {
    const line = stack[index];
    if (!apply(includes, line, ['node:']) && !apply(includes, line, [lib]) && apply(includes, line, [':'])) return true;
  }
  return false;
}

module.exports = { isOfApplication, stackOutside };
