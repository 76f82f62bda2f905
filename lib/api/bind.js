'use strict';

const engine = require('../engine');
const { TotalCall, enterCall, leaveCall, reserveStack } = require('../engine/call');
const { checkCallback, copyNameAndLength } = require('../util/functions');
const { rememberThrown, rememberedCount } = require('./error-origins');

const { apply } = Reflect;

/**
 * Calls a function with a snapshot active. No context emits `end` after it.
 *
 * @param {Snapshot | undefined} insideSnapshot
 * @param {Function} callback
 * @param {unknown} self its `this`
 * @param {unknown[]} args
 * @returns {unknown} what it returns
 */
function callIn(insideSnapshot, callback, self, args) {
  const since = rememberedCount();
  const call = new TotalCall(engine.current(), insideSnapshot);
  reserveStack();
  enterCall(call);
  let result;
  try {
    result = apply(callback, self, args);
  } catch (error) {
    rememberThrown(error, leaveCall(call), since);
    throw error;
  }
  leaveCall(call);
  return result;
}

/**
 * Binds a function to what is active in all namespaces now: whoever calls it, whenever, has that active in it, and after it
 * what was active before. No context emits `end` after it.
 *
 * @template {Function} F
 * @param {F} callback
 * @returns {F} a function with the name and the length of the callback. Its `this` is its caller's
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
 */
function bind(callback) {
  checkCallback(callback);
  const boundSnapshot = engine.current();
  function bound(...args) {
    return callIn(boundSnapshot, callback, this, args);
  }
  return copyNameAndLength(bound, callback);
}

/**
 * Takes what is active in all namespaces now.
 *
 * @returns {(callback: Function, ...args: unknown[]) => unknown} calls a function with that active, and returns what it returns.
 *   It throws a TypeError with code ERR_INVALID_ARG_TYPE if the callback is not a function
 */
function snapshot() {
  const takenSnapshot = engine.current();
  return function runInSnapshot(callback, ...args) {
    checkCallback(callback);
    return callIn(takenSnapshot, callback, undefined, args);
  };
}

/**
 * Calls a function with nothing active in any namespace: what it starts belongs to nobody.
 *
 * @template T
 * @param {() => T} callback
 * @returns {T} what it returns
 */
function callOutside(callback) {
  return callIn(undefined, callback, undefined, []);
}

module.exports = { bind, callIn, callOutside, snapshot };
