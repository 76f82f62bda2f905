'use strict';

/** What both classes share with those that are built into the language. */

const { isObject } = require('../../util/objects');

const { create, defineProperty, hasOwn, setPrototypeOf } = Object;
const { trunc } = Math;

/**
 * Creates an instance like a built-in constructor. Unlike in `class`, the prototype of `new.target` is read here, not before the
 * constructor begins; if it has none, the instance inherits from the class's prototype, not from Object.prototype.
 * @param {Function} newTarget
 * @param {object} prototype of the class
 * @returns {object}
 */
function createInstance(newTarget, prototype) {
  const found = newTarget.prototype;
  return create(isObject(found) ? found : prototype);
}

/** Sets the `Symbol.toStringTag` of an object. */
function defineTag(object, tag) {
  defineProperty(object, Symbol.toStringTag, { __proto__: null, value: tag, configurable: true });
}

/** Finishes a class that extends `null` so that its constructor may create the instance itself. */
function finishClass(Class, tag) {
  setPrototypeOf(Class.prototype, Object.prototype);
  defineTag(Class.prototype, tag);
}

/** The length for a wrapper of a function: the first steps of CopyNameAndLength. */
function lengthOf(target) {
  if (!hasOwn(target, 'length')) return 0;
  const { length } = target;
  return typeof length === 'number' && length > 0 ? trunc(length) : 0;
}

/**
 * CopyNameAndLength of the specification.
 * @param {Function} wrapped
 * @param {Function} target
 * @param {string} prefix of the name
 * @throws {unknown} what a getter or trap of the target throws
 */
function copyNameAndLength(wrapped, target, prefix) {
  defineProperty(wrapped, 'length', { __proto__: null, value: lengthOf(target), configurable: true });
  const { name } = target;
  const text = typeof name === 'string' ? name : '';
  defineProperty(wrapped, 'name', { __proto__: null, value: `${prefix} ${text}`, configurable: true });
}

module.exports = { copyNameAndLength, createInstance, defineTag, finishClass };
