'use strict';

/** What the two classes have in common with those that are built into the language. */

const { create, defineProperty, hasOwn } = Object;
const { trunc } = Math;

/**
 * @param {unknown} value
 * @returns {boolean} whether the language calls it an object
 */
function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/**
 * Creates an instance as a constructor of the language does, which `class` does not: the prototype of `new.target` is read where this
 * is called, and not before the constructor begins; and without one the instance gets that of the class, and not Object.prototype.
 *
 * @param {Function} newTarget
 * @param {object} prototype of the class
 * @returns {object}
 */
function createInstance(newTarget, prototype) {
  const found = newTarget.prototype;
  return create(isObject(found) ? found : prototype);
}

/**
 * Gives an object its `Symbol.toStringTag`.
 *
 * @param {object} object
 * @param {string} tag
 */
function defineTag(object, tag) {
  defineProperty(object, Symbol.toStringTag, { __proto__: null, value: tag, configurable: true });
}

/**
 * Finishes a class that extends `null`, which is one whose constructor may create its instance by itself.
 *
 * @param {Function} Class
 * @param {string} tag
 */
function finishClass(Class, tag) {
  Object.setPrototypeOf(Class.prototype, Object.prototype);
  defineTag(Class.prototype, tag);
}

/** The length that a function has when it is to have that of another: the first steps of CopyNameAndLength. */
function lengthOf(target) {
  if (!hasOwn(target, 'length')) return 0;
  const { length } = target;
  return typeof length === 'number' && length > 0 ? trunc(length) : 0;
}

/**
 * CopyNameAndLength of the specification.
 *
 * @param {Function} wrapped
 * @param {Function} target
 * @param {string} prefix of the name
 * @throws what a getter or a trap of the target throws
 */
function copyNameAndLength(wrapped, target, prefix) {
  defineProperty(wrapped, 'length', { __proto__: null, value: lengthOf(target), configurable: true });
  const { name } = target;
  const text = typeof name === 'string' ? name : '';
  defineProperty(wrapped, 'name', { __proto__: null, value: `${prefix} ${text}`, configurable: true });
}

module.exports = { copyNameAndLength, createInstance, defineTag, finishClass, isObject };
