'use strict';

/**
 * What stays as it is when the application changes it later. Collections have the methods of Map, Set, WeakMap and WeakSet. Their
 * iterators are not among that: use forEach.
 */

/** A subclass with the methods of its class as its own, and nothing behind them. */
function makeSafe(Class) {
  class Safe extends Class {
    // The constructor that is left out would pass its arguments on by the iterator of arrays.
    constructor() {
      super();
    }
  }
  for (const key of Reflect.ownKeys(Class.prototype)) {
    if (key === 'constructor') continue;
    Object.defineProperty(Safe.prototype, key, { __proto__: null, ...Object.getOwnPropertyDescriptor(Class.prototype, key) });
  }
  Object.setPrototypeOf(Safe.prototype, null);
  Object.freeze(Safe.prototype);
  return Safe;
}

/** An empty array without a prototype: setters that the application puts on Array.prototype don't see what is put into it. */
function safeArray() {
  return Object.setPrototypeOf([], null);
}

/** Reads the system's monotonic clock, in nanoseconds: a bigint. Libraries for tests replace it by a clock that stands still. */
const { bigint: readClock } = process.hrtime;

module.exports = {
  SafeMap: makeSafe(Map),
  SafeSet: makeSafe(Set),
  SafeWeakMap: makeSafe(WeakMap),
  readClock,
  safeArray,
};
