'use strict';

const { callIn, engine } = require('../../foundation');
const { invalidType } = require('../../util/errors');
const { checkCallback } = require('../../util/functions');
const { makeHiddenField } = require('../../util/hidden-field');
const { isObject } = require('../../util/objects');
const { copyNameAndLength, createInstance, finishClass } = require('./builtin');

/** By Snapshot: what was active when it was created; null for nothing. */
const captured = makeHiddenField();

/** @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the receiver of a method is not a Snapshot */
function capturedBy(receiver) {
  const snapshot = isObject(receiver) ? captured.get(receiver) : undefined;
  if (snapshot === undefined) throw invalidType('this', 'an AsyncContext.Snapshot', receiver);
  return snapshot ?? undefined;
}

/** Creates the function that `wrap` returns: a method, because it must not be a constructor. */
function wrapIn(snapshot, callback) {
  return {
    wrapped(...args) {
      return callIn(snapshot, callback, this, args);
    },
  }.wrapped;
}

/** The values of all variables, and what is active in all namespaces, at one moment: AsyncContext.Snapshot of the proposal. */
class Snapshot extends null {
  /**
   * Binds a function to what is active now.
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
    captured.set(instance, snapshot);
    return instance;
  }

  /**
   * Calls a function in what was active when the snapshot was created.
   * @param {Function} callback called without `this`
   * @param {...unknown} args for the callback
   * @returns {unknown} its result; promises are returned as they are
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(callback, ...args) {
    const snapshot = capturedBy(this);
    checkCallback(callback);
    return callIn(snapshot, callback, undefined, args);
  }
}

finishClass(Snapshot, 'AsyncContext.Snapshot');

module.exports = { Snapshot };
