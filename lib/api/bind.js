'use strict';

const engine = require('../engine');
const { TotalCall, enterCall, leaveCall } = require('../engine/call');
const { checkCallback, copyNameAndLength } = require('../util/functions');
const { rememberThrown, rememberedCount } = require('./error-origins');

const { apply } = Reflect;

/** Calls a function with a snapshot active. No context emits `end` afterwards. */
function callIn(insideSnapshot, callback, self, args) {
  const since = rememberedCount();
  const call = new TotalCall(engine.current(), insideSnapshot);
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
 * Binds a function to the contexts that are active now, in all namespaces. They are active during each call, wherever it comes
 * from. No context emits `end` afterwards.
 * @template {Function} F
 * @param {F} callback
 * @returns {F} has the name and length of the callback; passes its caller's `this` on
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
 * Captures the contexts that are active now, in all namespaces.
 * @returns {(callback: Function, ...args: unknown[]) => unknown} calls a function in these contexts and returns its result;
 *   throws a TypeError with code ERR_INVALID_ARG_TYPE for anything but a function
 */
function snapshot() {
  const capturedSnapshot = engine.current();
  return function runInSnapshot(callback, ...args) {
    checkCallback(callback);
    return callIn(capturedSnapshot, callback, undefined, args);
  };
}

/**
 * Calls a function outside all contexts of all namespaces. What it starts belongs to none: a pool's timer, a cache's refresh.
 * @template {unknown[]} Args
 * @template Result
 * @param {(...args: Args) => Result} callback
 * @param {...Args} args for the callback
 * @returns {Result} the callback's result
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
 */
function detach(callback, ...args) {
  checkCallback(callback);
  return callIn(undefined, callback, undefined, args);
}

module.exports = { bind, callIn, detach, snapshot };
