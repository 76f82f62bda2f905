'use strict';

const { define } = require('./methods');

const PlatformError = Error;
const { captureStackTrace } = Error;
const { isArray } = Array;
const { getOwnPropertyDescriptor } = Reflect;

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

module.exports = { callSites };
