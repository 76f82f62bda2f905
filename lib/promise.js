'use strict';

const { isPromise } = require('node:util/types');

const { getPrototypeOf } = Object;
const { apply } = Reflect;
const nativeThen = Promise.prototype.then;

/** Whether a prototype is `Promise.prototype` of this or of another realm, and not that of a class which extends Promise. */
function isPromisePrototype(prototype) {
  return prototype !== null && Object.hasOwn(prototype, 'then') && getPrototypeOf(getPrototypeOf(prototype)) === null;
}

/**
 * Whether a value is a promise whose `then` only waits. Other thenables may start a query in theirs, and so may a class that
 * extends Promise and brings a `then` of its own.
 *
 * @param {unknown} value
 * @returns {value is Promise<unknown>}
 */
function isPlainPromise(value) {
  if (typeof value !== 'object' || value === null || !isPromise(value)) return false;
  const own = value.then;
  return own === nativeThen || own === Promise.prototype.then || isPromisePrototype(getPrototypeOf(value));
}

/**
 * @template T
 * @param {Promise<T>} promise a plain one
 * @param {(reason: unknown) => void} rejected called where it is rejected
 * @param {() => void} [settled] called where it has settled, after that
 * @returns {Promise<T>} a promise with the same outcome
 */
function follow(promise, rejected, settled = undefined) {
  const pass = (value) => {
    settled?.();
    return value;
  };
  const fail = (reason) => {
    rejected(reason);
    settled?.();
    throw reason;
  };
  // Promise.prototype.then, whatever the application did to it.
  return apply(nativeThen, promise, [pass, fail]);
}

module.exports = { follow, isPlainPromise };
