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
 * The current call stack, even if the application has modified Error. Runs no code of the application.
 * @param {number} limit how many calls, from the innermost outwards
 * @param {Function} [caller] its call, and calls inside it, are omitted
 * @returns {NodeJS.CallSite[] | undefined} undefined if the stack is full or Error is frozen
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
 * Whether code other than Node.js' own is running around a call.
 * @param {Function} caller the function that was called
 * @returns {boolean} false also if the call stack is unavailable
 */
function isInProgram(caller) {
  const sites = callSites(Infinity, caller);
  if (sites === undefined) return false;
  for (let index = 0; index < sites.length; index++) {
    // Async frames are only waiting.
    if (!sites[index].isAsync() && !isPlatformFile(sites[index].getFileName())) return true;
  }
  return false;
}

function isPlatformFile(file) {
  return typeof file !== 'string' || apply(startsWith, file, ['node:']);
}

module.exports = { callSites, isInProgram };
