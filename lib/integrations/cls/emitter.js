'use strict';

const { EventEmitter } = require('node:events');

const { isNodeEmitter, wrapping } = require('../../foundation');
const { covered } = require('../../util/covered');

const { apply } = Reflect;
const { rawListeners } = EventEmitter.prototype;

/**
 * By emitter or prototype: the namespaces that it is bound to.
 * @type {WeakMap<EventEmitter, Set<Namespace>>}
 */
const namespacesOf = new WeakMap();

/** The namespaces that an emitter, or an object that it inherits from, is bound to. */
function allNamespacesOf(emitter) {
  const all = new Set();
  for (let at = emitter; at !== undefined && at !== null; at = Object.getPrototypeOf(at)) {
    for (const namespace of namespacesOf.get(at) ?? []) all.add(namespace);
  }
  return all;
}

/**
 * Wraps a listener to run in the contexts that are active now. Sets the mark of cls-hooked on the listener; the emitter's
 * methods get that of emitter-listener. Both libraries, and programs, recognise bound listeners by these marks.
 */
function wrap(emitter, listener) {
  const namespaces = allNamespacesOf(emitter);
  // The target of a proxy may have the methods.
  if (namespaces.size === 0) return listener;
  const contexts = Array.from(namespaces, (namespace) => [namespace, namespace.active]);
  function inContexts(...args) {
    let call = listener;
    // Bound at each call: if no context was active, that of the emitting code counts.
    for (const [namespace, context] of contexts) call = namespace.bind(call, context);
    return apply(call, this, args);
  }
  inContexts['cls@contexts'] = Object.fromEntries(
    contexts.map(([namespace, context]) => [`context@${String(namespace.name)}`, { namespace, context }]),
  );
  return inContexts;
}

/**
 * Replaces `removeListener`. The emitter looks through one wrapper; there are more if it was also added to a context of another
 * kind of namespace.
 */
function removing(method) {
  return function (...args) {
    const [type, listener] = args;
    const listeners = apply(rawListeners, this, [type]);
    const isKnown = listeners.some((stored) => stored === listener || stored.listener === listener);
    const stored = isKnown ? listener : listeners.findLast((outermost) => wraps(outermost, listener));
    if (stored !== undefined) args[1] = stored;
    return apply(method, this, args);
  };
}

function wraps(stored, listener) {
  let inner = stored;
  while (inner !== undefined && inner !== listener) inner = inner.listener;
  return inner === listener;
}

/** Replaces `emit` by one that does the same, but has the mark. */
function passing(emitter) {
  const emitNow = covered(emitter, 'emit');
  return function (...args) {
    return apply(emitNow(), this, args);
  };
}

const wrapped = wrapping(wrap);

const removingAlso = (method) => wrapped.removeListener(removing(method));

const replacements = { ...wrapped, removeListener: removingAlso, off: removingAlso };

/** The methods that emitter-listener replaces and marks. */
const marked = new Set(['on', 'addListener', 'emit']);

/**
 * Runs listeners that are added to an emitter from now on in the context that is active in a namespace when they are added.
 * Also works on a prototype, for emitters that inherit from it. Ignores anything but Node.js emitters, which find a listener by
 * its original.
 */
function bindListeners(emitter, namespace) {
  if (!isNodeEmitter(emitter)) return;
  let namespaces = namespacesOf.get(emitter);
  if (namespaces === undefined) {
    namespaces = new Set();
    const methods = { emit: passing(emitter) };
    for (const [name, replace] of Object.entries(replacements)) methods[name] = replace(emitter[name]);
    for (const [name, value] of Object.entries(methods)) {
      if (marked.has(name)) value.__wrapped = true;
      Object.defineProperty(emitter, name, { __proto__: null, value, configurable: true, writable: true });
    }
    namespacesOf.set(emitter, namespaces);
  }
  namespaces.add(namespace);
}

module.exports = { bindListeners };
