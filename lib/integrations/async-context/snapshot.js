'use strict';

const { callIn, engine } = require('../../foundation');
const { invalidType } = require('../../util/errors');
const { checkCallback } = require('../../util/functions');
const { makeHiddenField } = require('../../util/hidden-field');
const { copyNameAndLength, createInstance, finishClass, isObject } = require('./builtin');

/** By Snapshot, what was active when it was created; null for nothing. */
const taken = makeHiddenField();

/** @throws {TypeError} with code ERR_INVALID_ARG_TYPE if a method is called on anything but a Snapshot */
function takenBy(receiver) {
  const snapshot = isObject(receiver) ? taken.get(receiver) : undefined;
  if (snapshot === undefined) throw invalidType('this', 'an AsyncContext.Snapshot', receiver);
  return snapshot ?? undefined;
}

/** Makes the function that `wrap` returns: one that cannot be called with `new`, as a method can't. */
function wrapIn(snapshot, callback) {
  return {
    wrapped(...args) {
      return callIn(snapshot, callback, this, args);
    },
  }.wrapped;
}

/**
 * The values of all variables, and what is active in all namespaces, at the moment of its creation: AsyncContext.Snapshot of the
 * proposal.
 */
class Snapshot extends null {
  /**
   * Has a function run in what is active now, whoever calls it.
   *
   * @param {Function} callback
   * @returns {Function} passes `this`, arguments and result on. It has the length of the callback, and its name after "wrapped "
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function; and what its `length` and `name` throw
   */
  static wrap(callback) {
    checkCallback(callback);
    const wrapped = wrapIn(engine.current(), callback);
    copyNameAndLength(wrapped, callback, 'wrapped');
    return wrapped;
  }

  constructor() {
    const snapshot = engine.current() ?? null;
    const instance = createInstance(new.target, Snapshot.prototype);
    taken.set(instance, snapshot);
    return instance;
  }

  /**
   * Calls a function in what was active when the snapshot was created. Afterwards all is active again that was so before.
   *
   * @param {Function} callback is called without `this`
   * @param {...unknown} args for it
   * @returns {unknown} what it returns: a promise as it is
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(callback, ...args) {
    const snapshot = takenBy(this);
    checkCallback(callback);
    return callIn(snapshot, callback, undefined, args);
  }
}

finishClass(Snapshot, 'AsyncContext.Snapshot');

module.exports = { Snapshot };
