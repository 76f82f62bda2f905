'use strict';

const { EventEmitter } = require('node:events');
const { Readable } = require('node:stream');

const { SafeMap, SafeSet, SafeWeakMap, safeArray } = require('../util/primordials');

const { apply } = Reflect;
const { rawListeners } = EventEmitter.prototype;

/** The methods that add a listener. */
const ADDING = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'];

/** Node.js' methods, which store a listener unchanged. */
const storesAsGiven = new SafeSet();
for (const { prototype } of [EventEmitter, Readable]) {
  for (const name of ADDING) storesAsGiven.add(prototype[name]);
}

/**
 * Whether an emitter is an EventEmitter or has one of its methods. Node.js' `removeListener` also finds a listener by its
 * property `listener`; for others (MessagePort, EventEmitter3) it is unknown how a wrapper can be found by the original.
 */
function isNodeEmitter(emitter) {
  const { emit, on, removeListener } = EventEmitter.prototype;
  const isSame = emitter.removeListener === removeListener || emitter.on === on || emitter.emit === emit;
  return isSame || emitter instanceof EventEmitter;
}

/**
 * Whether all of an emitter's methods are Node.js' own. Then removal finds wrappers without help.
 * @param {object} methods by name
 * @returns {boolean}
 */
function storesListenersAsGiven(methods) {
  for (let index = 0; index < ADDING.length; index++) {
    const method = methods[ADDING[index]];
    if (method !== undefined && !storesAsGiven.has(method)) return false;
  }
  return true;
}

/** Whether an emitter stores a wrapper, directly or inside what `once` made of it. */
function isStored(emitter, type, wrapper, listener) {
  const stored = apply(rawListeners, emitter, [type]);
  for (let index = 0; index < stored.length; index++) {
    if (stored[index] === wrapper || stored[index].listener === wrapper || stored[index].listener === listener) return true;
  }
  return false;
}

/**
 * Wrappers that a subclass stored in another form, such as a wrapper of its own. To remove such a listener, the subclass must
 * be called with our wrapper.
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
    // If it is the only listener, earlier ones were removed in another way.
    const isOnly = apply(rawListeners, emitter, [type]).length <= 1;
    if (wrappers === undefined || isOnly) byType.set(type, (wrappers = safeArray()));
    wrappers[wrappers.length] = wrapper;
  }

  /** Whether an emitter has, or had, such wrappers. */
  has(emitter) {
    return this.#byEmitter.has(emitter);
  }

  /** Removes and returns the latest wrapper of a listener; the listener itself if there is none. */
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
 * Replacements for emitter methods that wrap listeners when they are added, while `removeListener`, `listeners`, `rawListeners`
 * and listener counts keep working with the originals.
 * @param {(emitter: EventEmitter, listener: Function) => Function} wrap returns a wrapper, or the listener itself
 * @param {HiddenWrappers} [hidden] stores wrappers that an emitter doesn't store unchanged
 * @returns {Record<string, (method: Function) => Function>} by method name, a function that creates the replacement of a
 *   method. `removeListener`, `off` and `listeners` only need replacing if the emitter overrides Node.js' methods
 */
function wrapping(wrap, hidden = new HiddenWrappers()) {
  /** By wrapper: the application's listener. */
  const originals = new SafeWeakMap();

  // These methods call one another, also from subclasses: wrapped listeners are passed on unchanged.
  const adding = (method) => {
    const isKnown = storesAsGiven.has(method);
    return function (...args) {
      const type = args[0];
      const listener = args[1];
      if (typeof listener !== 'function' || originals.has(listener)) return apply(method, this, args);
      // What `once` made of a wrapper: it must be found by the original.
      const original = originals.get(listener.listener);
      if (original !== undefined) {
        listener.listener = original;
        return apply(method, this, args);
      }
      const wrapper = wrap(this, listener);
      if (wrapper === listener) return apply(method, this, args);
      // Node.js uses this property, for `once`, to find and list a listener by its original.
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
