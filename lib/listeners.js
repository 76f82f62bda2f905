'use strict';

const { SafeWeakMap } = require('./safe');

const { apply } = Reflect;

/**
 * How the methods of an emitter are replaced that take listeners, so that each is stored in a wrapper; `removeListener`,
 * `listeners`, `rawListeners` and listener counts go on dealing with the original.
 *
 * @param {(emitter: EventEmitter, listener: Function) => Function} wrap makes the wrapper of a listener, or returns it as it is
 * @returns {Record<string, (method: Function) => Function>} by the name of a method, what makes another one of it
 */
function wrapping(wrap) {
  /** By a wrapper, the listener that the application put on the emitter. */
  const originals = new SafeWeakMap();

  // These methods call one another, and a subclass may call them from its own: what was wrapped is passed on as it is.
  const adding = (method) =>
    function (type, listener) {
      if (typeof listener !== 'function' || originals.has(listener)) return apply(method, this, [type, listener]);
      // What `once` makes of a wrapped listener: it has to be known by the original one.
      const original = originals.get(listener.listener);
      if (original !== undefined) {
        listener.listener = original;
        return apply(method, this, [type, listener]);
      }
      const wrapper = wrap(this, listener);
      if (wrapper !== listener) {
        // Emitters unwrap this property, for `once`: so a listener is removed and listed by the original function.
        wrapper.listener = listener;
        originals.set(wrapper, listener);
      }
      return apply(method, this, [type, wrapper]);
    };

  const unwrapping = (method) =>
    function (type) {
      const listeners = apply(method, this, [type]);
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
  };
}

module.exports = { wrapping };
