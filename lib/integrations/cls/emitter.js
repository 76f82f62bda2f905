'use strict';

const { EventEmitter } = require('node:events');

const { isNodeEmitter, wrapping } = require('../../foundation');
const { covered } = require('../../util/covered');

const { apply } = Reflect;
const { rawListeners } = EventEmitter.prototype;

/**
 * The namespaces that an emitter is bound to, or what emitters inherit from.
 *
 * @type {WeakMap<EventEmitter, Set<Namespace>>}
 */
const namespacesOf = new WeakMap();

/** The namespaces that an emitter is bound to by itself, or by what it inherits from. */
function allNamespacesOf(emitter) {
  const all = new Set();
  for (let at = emitter; at !== undefined && at !== null; at = Object.getPrototypeOf(at)) {
    for (const namespace of namespacesOf.get(at) ?? []) all.add(namespace);
  }
  return all;
}

/**
 * A listener that runs in the contexts which are active now. It bears the mark that cls-hooked puts on listeners, as
 * the methods of the emitter bear that of emitter-listener: both libraries, and programs, tell by them what is bound
 * already.
 */
function wrap(emitter, listener) {
  const namespaces = allNamespacesOf(emitter);
  // The target of a proxy may have got the methods.
  if (namespaces.size === 0) return listener;
  const contexts = Array.from(namespaces, (namespace) => [namespace, namespace.active]);
  function inContexts(...args) {
    let call = listener;
    // Bound with each call: if no context was active, the context of whoever emits counts.
    for (const [namespace, context] of contexts) call = namespace.bind(call, context);
    return apply(call, this, args);
  }
  inContexts['cls@contexts'] = Object.fromEntries(
    contexts.map(([namespace, context]) => [`context@${String(namespace.name)}`, { namespace, context }]),
  );
  return inContexts;
}

/**
 * How `removeListener` is replaced. The emitter itself finds a listener through one wrapper; there are more where the
 * emitter was added to a context of another kind of namespace as well.
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

/** What replaces `emit` of an emitter: it does the same, and bears the mark. */
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
 * Has every listener that is put on an emitter from now on run in the context of a namespace that is active where it
 * is put on; also on what inherits from the emitter, as those of a class whose prototype is given here. Emitters of
 * other making than Node.js' are left alone: they do not look for the original of a listener.
 *
 * @param {EventEmitter} emitter
 * @param {Namespace} namespace
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
