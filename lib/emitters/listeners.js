'use strict';

const { EventEmitter } = require('node:events');
const { Readable } = require('node:stream');

const { SafeMap, SafeSet, SafeWeakMap, safeArray } = require('../util/primordials');

const { apply } = Reflect;
const { rawListeners } = EventEmitter.prototype;

/** The methods that take a listener. */
const ADDING = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'];

/** The methods of Node.js that store a listener as they get it. */
const storesAsGiven = new SafeSet();
for (const { prototype } of [EventEmitter, Readable]) {
  for (const name of ADDING) storesAsGiven.add(prototype[name]);
}

/**
 * Whether an emitter keeps its listeners as Node.js does, which finds one by its property `listener` too: an EventEmitter, or
 * what has got the methods of one. Of others (MessagePort, EventEmitter3 and the like) nobody knows what has to be done so
 * that a wrapper is found by the original.
 *
 * @param {object} emitter
 * @returns {boolean}
 */
function isNodeEmitter(emitter) {
  const { emit, on, removeListener } = EventEmitter.prototype;
  const isSame = emitter.removeListener === removeListener || emitter.on === on || emitter.emit === emit;
  return isSame || emitter instanceof EventEmitter;
}

/**
 * Whether all methods of an emitter are those of Node.js: then listeners are found by the original, and no more needs to be
 * replaced than what takes or lists them.
 *
 * @param {object} methods of the emitter, by name
 * @returns {boolean}
 */
function storesListenersAsGiven(methods) {
  for (let index = 0; index < ADDING.length; index++) {
    const method = methods[ADDING[index]];
    if (method !== undefined && !storesAsGiven.has(method)) return false;
  }
  return true;
}

/** Whether an emitter has a wrapper among its listeners, itself or in what `once` made of it. */
function isStored(emitter, type, wrapper, listener) {
  const stored = apply(rawListeners, emitter, [type]);
  for (let index = 0; index < stored.length; index++) {
    if (stored[index] === wrapper || stored[index].listener === wrapper || stored[index].listener === listener) return true;
  }
  return false;
}

/**
 * The wrappers that subclasses have not put into the emitter as they got them, but something of their own making: for
 * those a subclass has to be asked with the wrapper to take a listener off.
 */
class HiddenWrappers {
  /** @type {WeakMap<EventEmitter, WeakMap<Function, Map<PropertyKey, Function[]>>>} */
  #byEmitter = new SafeWeakMap();

  push(emitter, type, listener, wrapper) {
    let byListener = this.#byEmitter.get(emitter);
    if (byListener === undefined) this.#byEmitter.set(emitter, (byListener = new SafeWeakMap()));
    let byType = byListener.get(listener);
    if (byType === undefined) byListener.set(listener, (byType = new SafeMap()));
    let wrappers = byType.get(type);
    // If there is no other listener, earlier ones have been taken off in another way.
    const isOnly = apply(rawListeners, emitter, [type]).length <= 1;
    if (wrappers === undefined || isOnly) byType.set(type, (wrappers = safeArray()));
    wrappers[wrappers.length] = wrapper;
  }

  /** Whether an emitter has, or had, such wrappers. */
  has(emitter) {
    return this.#byEmitter.has(emitter);
  }

  /** The last wrapper of a listener, which is forgotten; the listener itself if there is none. */
  pop(emitter, type, listener) {
    const byType = this.#byEmitter.get(emitter)?.get(listener);
    const wrappers = byType?.get(type);
    if (wrappers === undefined) return listener;
    const wrapper = wrappers[wrappers.length - 1];
    wrappers.length--;
    if (wrappers.length === 0) byType.delete(type);
    return wrapper;
  }
}

/**
 * How the methods of an emitter are replaced that take listeners, so that each is stored in a wrapper; `removeListener`,
 * `listeners`, `rawListeners` and listener counts go on dealing with the original.
 *
 * @param {(emitter: EventEmitter, listener: Function) => Function} wrap makes the wrapper of a listener, or returns it as it is
 * @param {HiddenWrappers} [hidden] where wrappers are kept that an emitter does not store as they are
 * @returns {Record<string, (method: Function) => Function>} by the name of a method, what makes another one of it.
 *   `removeListener`, `off` and `listeners` are needed only if not all methods are those of Node.js
 */
function wrapping(wrap, hidden = new HiddenWrappers()) {
  /** By a wrapper, the listener that the application put on the emitter. */
  const originals = new SafeWeakMap();

  // These methods call one another, and a subclass may call them from its own: what was wrapped is passed on as it is.
  const adding = (method) => {
    const isKnown = storesAsGiven.has(method);
    return function (...args) {
      const type = args[0];
      const listener = args[1];
      if (typeof listener !== 'function' || originals.has(listener)) return apply(method, this, args);
      // What `once` makes of a wrapped listener: it has to be known by the original one.
      const original = originals.get(listener.listener);
      if (original !== undefined) {
        listener.listener = original;
        return apply(method, this, args);
      }
      const wrapper = wrap(this, listener);
      if (wrapper === listener) return apply(method, this, args);
      // Emitters unwrap this property, for `once`: so a listener is removed and listed by the original function.
      wrapper.listener = listener;
      originals.set(wrapper, listener);
      args[1] = wrapper;
      const result = apply(method, this, args);
      if (!isKnown && !isStored(this, type, wrapper, listener)) hidden.push(this, type, listener, wrapper);
      return result;
    };
  };

  const removing = (method) =>
    function (...args) {
      const type = args[0];
      const listener = args[1];
      if (typeof listener === 'function' && hidden.has(this) && !isStored(this, type, listener, listener)) {
        args[1] = hidden.pop(this, type, listener);
      }
      return apply(method, this, args);
    };

  const unwrapping = (method) =>
    function (...args) {
      const listeners = apply(method, this, args);
      if (!Array.isArray(listeners)) return listeners;
      for (let index = 0; index < listeners.length; index++) {
        listeners[index] = originals.get(listeners[index]) ?? listeners[index];
      }
      return listeners;
    };

  return {
    __proto__: null,
    on: adding,
    addListener: adding,
    once: adding,
    prependListener: adding,
    prependOnceListener: adding,
    rawListeners: unwrapping,
    listeners: unwrapping,
    removeListener: removing,
    off: removing,
  };
}

module.exports = { HiddenWrappers, isNodeEmitter, storesListenersAsGiven, wrapping };
