'use strict';

const { isPromise } = require('node:util/types');

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object;
const { apply } = Reflect;
const promisePrototype = Promise.prototype;
const nativeThen = promisePrototype.then;

/** Whether a prototype is `Promise.prototype` of this or of another realm, and not that of a class which extends Promise. */
function isPromisePrototype(prototype) {
  return prototype !== null && hasOwn(prototype, 'then') && getPrototypeOf(getPrototypeOf(prototype)) === null;
}

/**
 * Whether a value is a promise whose `then` only waits. Other thenables may start a query in theirs; so may a promise with a
 * `then` of its own, or one of a class that extends Promise and has another `then`.
 *
 * @param {unknown} value
 * @returns {value is Promise<unknown>}
 */
function isPlainPromise(value) {
  if (typeof value !== 'object' || value === null || !isPromise(value)) return false;
  if (hasOwn(value, 'then')) return false;
  const { then } = value;
  return then === nativeThen || then === promisePrototype.then || isPromisePrototype(getPrototypeOf(value));
}

/**
 * Calls a function in a microtask. An await asks nothing of Promise, whatever becomes of that.
 *
 * @template T
 * @param {(argument: T) => void} callback must not throw
 * @param {T} [argument]
 */
async function inMicrotask(callback, argument) {
  await undefined;
  callback(argument);
}

/** Gives a promise the enumerable properties of another one, such as the `child` of a promisified `execFile`. */
function copyProperties(from, to) {
  // Faster than to ask for a list that is nearly always empty.
  for (const name in from) {
    if (hasOwn(from, name)) defineProperty(to, name, { __proto__: null, ...getOwnPropertyDescriptor(from, name) });
  }
}

/**
 * @template T
 * @param {Promise<T>} promise a plain one
 * @param {((value: T) => T) | undefined} pass called with the value if it is fulfilled; returns it
 * @param {(reason: unknown) => never} fail called with the reason if it is rejected; throws it
 * @returns {Promise<T>} a promise with the same outcome, and with the own enumerable properties that the first one
 *   has now
 */
function observeSettlement(promise, pass, fail) {
  // Promise.prototype.then, whatever the application did to it.
  const derived = apply(nativeThen, promise, [pass, fail]);
  copyProperties(promise, derived);
  return derived;
}

module.exports = { inMicrotask, isPlainPromise, observeSettlement };
