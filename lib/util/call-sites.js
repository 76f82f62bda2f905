'use strict';

const { define } = require('./methods');

const PlatformError = Error;
const { captureStackTrace } = Error;
const { isArray } = Array;
const { apply, getOwnPropertyDescriptor } = Reflect;
const { startsWith } = String.prototype;

const LIMIT = 'stackTraceLimit';
const PREPARE = 'prepareStackTrace';

const replacing = (value) => ({ value, configurable: true, enumerable: true, writable: true });

/**
 * The calls that are running, whatever the application has made of Error. None of its code runs, so that this may be called in the
 * middle of any.
 *
 * @param {number} limit how many of them, from the innermost one outwards
 * @param {Function} [caller] whose own call is left out, and all calls inside it
 * @returns {NodeJS.CallSite[] | undefined} undefined if they cannot be had: the stack is full, or Error is frozen
 */
function callSites(limit, caller = callSites) {
  const limitBefore = getOwnPropertyDescriptor(PlatformError, LIMIT);
  const prepareBefore = getOwnPropertyDescriptor(PlatformError, PREPARE);
  try {
    if (!define(PlatformError, LIMIT, replacing(limit))) return undefined;
    if (
      !define(
        PlatformError,
        PREPARE,
        replacing((_error, sites) => sites),
      )
    )
      return undefined;
    const holder = { __proto__: null };
    captureStackTrace(holder, caller);
    const { stack } = holder;
    return isArray(stack) ? stack : undefined;
  } catch {
    return undefined;
  } finally {
    define(PlatformError, PREPARE, prepareBefore);
    define(PlatformError, LIMIT, limitBefore);
  }
}

/**
 * Whether code of the program is running around a call: code that is not Node.js' own.
 *
 * @param {Function} caller that was called
 * @returns {boolean} false also if the calls can't be had
 */
function isInProgram(caller) {
  const sites = callSites(Infinity, caller);
  if (sites === undefined) return false;
  for (let index = 0; index < sites.length; index++) {
    // Calls that only wait for the ones above them are listed as well.
    if (!sites[index].isAsync() && !isPlatformFile(sites[index].getFileName())) return true;
  }
  return false;
}

/** Whether a file is Node.js' own, or native code. */
function isPlatformFile(file) {
  return typeof file !== 'string' || apply(startsWith, file, ['node:']);
}

module.exports = { callSites, isInProgram };
