'use strict';

/** Built-ins that later changes by the application don't affect. Their iterators are not protected: use forEach. */

/** A subclass that owns the methods of its class and inherits nothing else. */
function makeSafe(Class) {
  class Safe extends Class {
    // The implicit constructor would spread its arguments with the array iterator.
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

/** Creates an empty array without a prototype, so that setters on Array.prototype don't see its elements. */
function safeArray() {
  return Object.setPrototypeOf([], null);
}

/** Reads the monotonic clock as a bigint of nanoseconds. Test libraries replace it with a fake clock later. */
const { bigint: readClock } = process.hrtime;

module.exports = {
  SafeMap: makeSafe(Map),
  SafeSet: makeSafe(Set),
  SafeWeakMap: makeSafe(WeakMap),
  readClock,
  safeArray,
};
