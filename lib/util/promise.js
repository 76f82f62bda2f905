'use strict';

const { isPromise } = require('node:util/types');

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object;
const { apply } = Reflect;
const promisePrototype = Promise.prototype;
const nativeThen = promisePrototype.then;

/** Whether a prototype is `Promise.prototype` of any realm, not of a subclass. */
function isPromisePrototype(prototype) {
  return prototype !== null && hasOwn(prototype, 'then') && getPrototypeOf(getPrototypeOf(prototype)) === null;
}

/**
 * Whether a value is a promise whose `then` has no side effects. The `then` of other thenables, of promise subclasses, or on a
 * promise itself may start a query.
 */
function isPlainPromise(value) {
  if (typeof value !== 'object' || value === null || !isPromise(value)) return false;
  if (hasOwn(value, 'then')) return false;
  const { then } = value;
  return then === nativeThen || then === promisePrototype.then || isPromisePrototype(getPrototypeOf(value));
}

/**
 * Calls a function in a microtask. `await` works even if the application has modified Promise.
 * @template T
 * @param {(argument: T) => void} callback must not throw
 * @param {T} [argument]
 */
async function inMicrotask(callback, argument) {
  await undefined;
  callback(argument);
}

/** Copies enumerable properties, such as the `child` of a promisified `execFile`. */
function copyProperties(from, to) {
  // Faster than listing the keys, of which there are almost never any.
  for (const name in from) {
    if (hasOwn(from, name)) defineProperty(to, name, { __proto__: null, ...getOwnPropertyDescriptor(from, name) });
  }
}

/**
 * Derives a promise, with the same enumerable properties.
 * @template T
 * @param {Promise<T>} promise a plain one
 * @param {((value: T) => T) | undefined} pass called on fulfilment; returns the value
 * @param {(reason: unknown) => never} fail called on rejection; throws the reason
 * @returns {Promise<T>} a promise with the same outcome
 */
function observeSettlement(promise, pass, fail) {
  // The original `then`, even if the application has replaced it.
  const derived = apply(nativeThen, promise, [pass, fail]);
  copyProperties(promise, derived);
  return derived;
}

module.exports = { inMicrotask, isPlainPromise, observeSettlement };
