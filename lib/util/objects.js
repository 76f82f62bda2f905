'use strict';

/** Whether a value is an object for the language, which includes functions. */
function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/**
 * Creates the descriptor of a property that enumerations don't show. One with the usual prototype is several times faster, unless
 * the application has put `get` or `set` there.
 */
function hidden(value, writable = true) {
  const isAccessor = 'get' in Object.prototype || 'set' in Object.prototype;
  return isAccessor
    ? { __proto__: null, value, writable, enumerable: false, configurable: true }
    : { value, writable, enumerable: false, configurable: true };
}

module.exports = { hidden, isObject };
