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
 * Promise.prototype.then, whatever the application did to it.
 *
 * @param {Promise<unknown>} promise
 * @param {(value: unknown) => unknown} onFulfilled
 * @param {(reason: unknown) => unknown} onRejected
 * @returns {Promise<unknown>}
 */
function then(promise, onFulfilled, onRejected) {
  return apply(nativeThen, promise, [onFulfilled, onRejected]);
}

module.exports = { isPlainPromise, then };
