'use strict';

const engine = require('../engine');
const { MultiCall, enterCall, leaveCall } = require('../engine/call');
const { overlay, prepend } = require('../frames/snapshot');
const { invalidType } = require('../util/errors');
const { isObject } = require('../util/objects');
const { SafeMap, SafeWeakMap, safeArray } = require('../util/primordials');
const { HiddenWrappers, isNodeEmitter, storesListenersAsGiven, wrapping } = require('./listeners');

const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;

/** The first slots of a list that only grows: those that an emitter was bound to when a listener was added. */
class FirstSlots {
  #places;
  #count;

  constructor(places, count) {
    this.#places = places;
    this.#count = count;
  }

  has(slot) {
    return this.#places.get(slot) < this.#count;
  }
}

/** The contexts that an emitter is bound to: at most one per namespace. */
class ListenerBinding {
  /** @type {Map<Slot, { context: Context, frame: Frame | undefined }>} undefined: listeners run outside any context */
  #frames = new SafeMap();

  /** The indices of the slots; shared by all listeners until a slot is removed or changed. */
  #places = new SafeMap();

  /** For listeners that are added now. */
  slots = undefined;
  snapshot = undefined;

  /** The replaced methods: name, previous descriptor, replacement. */
  replaced;

  constructor(replaced) {
    this.replaced = replaced;
  }

  get isEmpty() {
    return this.#frames.size === 0;
  }

  contextOf(slot) {
    return this.#frames.get(slot)?.context;
  }

  set(slot, context, frame) {
    const isNew = !this.#frames.has(slot);
    this.#frames.set(slot, { context, frame });
    if (isNew) this.#append(slot, frame);
    else this.#rebuild();
  }

  delete(slot) {
    this.#frames.delete(slot);
    this.#rebuild();
  }

  #append(slot, frame) {
    this.#places.set(slot, this.#places.size);
    this.slots = new FirstSlots(this.#places, this.#places.size);
    if (frame !== undefined) this.snapshot = prepend(slot, frame, this.snapshot);
  }

  #rebuild() {
    this.#places = new SafeMap();
    this.slots = undefined;
    this.snapshot = undefined;
    this.#frames.forEach(({ frame }, slot) => this.#append(slot, frame));
  }
}

/** @type {WeakMap<EventEmitter, ListenerBinding>} */
const bindings = new SafeWeakMap();

/** Wraps a listener to run in the frames that its emitter is bound to now. */
function wrap(emitter, listener) {
  // Another object may call these methods: by inheritance, or through a proxy.
  const { slots, snapshot } = bindings.get(emitter) ?? none;
  if (slots === undefined) return listener;
  return function inContexts(...args) {
    const callerSnapshot = engine.current();
    const call = new MultiCall(slots, callerSnapshot, overlay(callerSnapshot, slots, snapshot));
    enterCall(call);
    try {
      return apply(listener, this, args);
    } finally {
      leaveCall(call);
    }
  };
}

const none = new ListenerBinding(undefined);

const hidden = new HiddenWrappers();
const replacements = wrapping(wrap, hidden);

/** Methods that only need replacing if the emitter overrides Node.js' methods. */
const ONLY_IF_OVERRIDDEN = ['listeners', 'removeListener', 'off'];

/** Whether a value is a Node.js emitter; false if a proxy or getter throws. */
function isEmitter(value) {
  if (!isObject(value)) return false;
  const isMethod = (name) => typeof value[name] === 'function';
  try {
    const isEmitterLike = isMethod('emit') && isMethod('on') && isMethod('once') && isMethod('removeListener');
    return isEmitterLike && isNodeEmitter(value);
  } catch {
    return false;
  }
}

/** The methods of an emitter to replace, by name; undefined if a proxy or getter throws. */
function methodsOf(emitter) {
  const names = Object.keys(replacements);
  const methods = { __proto__: null };
  try {
    for (let index = 0; index < names.length; index++) {
      const method = emitter[names[index]];
      if (typeof method === 'function') methods[names[index]] = method;
    }
    const skipped = storesListenersAsGiven(methods) ? ONLY_IF_OVERRIDDEN : safeArray();
    for (let index = 0; index < skipped.length; index++) delete methods[skipped[index]];
    return methods;
  } catch {
    return undefined;
  }
}

/** Replaces all methods, or none if one can't be defined. Returns what was replaced; undefined for none. */
function replaceMethods(emitter, methods) {
  const names = Object.keys(methods);
  const replaced = safeArray();
  try {
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      const previous = getOwnPropertyDescriptor(emitter, name);
      const value = replacements[name](methods[name]);
      Object.defineProperty(emitter, name, { __proto__: null, value, configurable: true, writable: true });
      replaced[replaced.length] = { name, previous, value };
    }
    return replaced;
  } catch {
    restore(emitter, replaced);
    return undefined;
  }
}

function restore(emitter, replaced) {
  for (let index = 0; index < replaced.length; index++) {
    const { name, previous } = replaced[index];
    if (previous === undefined) deleteProperty(emitter, name);
    else defineProperty(emitter, name, previous);
  }
}

/**
 * Restores replaced methods, except those that somebody else has replaced since.
 * @returns {boolean} false if nothing was done: the emitter is frozen, or its listeners still need our `removeListener`
 */
function restoreMethods(emitter, replaced) {
  const own = safeArray();
  try {
    for (let index = 0; index < replaced.length; index++) {
      const { name, value } = replaced[index];
      const now = getOwnPropertyDescriptor(emitter, name);
      if (now === undefined || now.value !== value) continue;
      if (!now.configurable) return false;
      own[own.length] = replaced[index];
    }
    if (hidden.has(emitter)) return false;
    restore(emitter, own);
    return true;
  } catch {
    return false;
  }
}

function checkEmitter(emitter) {
  const methods = isEmitter(emitter) ? methodsOf(emitter) : undefined;
  if (methods === undefined) throw invalidType('emitter', 'a Node.js EventEmitter', emitter);
  return methods;
}

/**
 * Runs listeners that are added to an emitter from now on in a frame. An emitter is bound to one context per namespace: the
 * latest.
 * @template {EventEmitter} E
 * @param {E} emitter
 * @param {Slot} slot of the context's namespace
 * @param {Context} context
 * @param {() => Frame | undefined} makeFrame called if the emitter is not bound to the context yet
 * @returns {E} the emitter
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a Node.js emitter, whose `removeListener` finds wrapped
 *   listeners, or is not extensible
 */
function bindNewListeners(emitter, slot, context, makeFrame) {
  const methods = checkEmitter(emitter);
  // A getter of the emitter may have bound it meanwhile.
  let binding = bindings.get(emitter);
  if (binding === undefined) {
    const replaced = replaceMethods(emitter, methods);
    if (replaced === undefined) throw invalidType('emitter', 'an EventEmitter that is not frozen', emitter);
    binding = new ListenerBinding(replaced);
    bindings.set(emitter, binding);
  }
  if (binding.contextOf(slot) !== context) binding.set(slot, context, makeFrame());
  return emitter;
}

/**
 * Undoes `bindNewListeners` for listeners that are added from now on. Does nothing if the emitter is not bound to this context.
 * @template {EventEmitter} E
 * @param {E} emitter
 * @param {Slot} slot of the context's namespace
 * @param {Context} context
 * @returns {E} the emitter
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a Node.js emitter
 */
function unbindNewListeners(emitter, slot, context) {
  checkEmitter(emitter);
  const binding = bindings.get(emitter);
  if (binding === undefined || binding.contextOf(slot) !== context) return emitter;
  binding.delete(slot);
  if (binding.isEmpty && restoreMethods(emitter, binding.replaced)) bindings.delete(emitter);
  return emitter;
}

module.exports = { bindNewListeners, unbindNewListeners };
