'use strict';

const engine = require('../engine');
const { MultiCall, enterCall, leaveCall, reserveStack } = require('../engine/call');
const { overlay, prepend } = require('../frames/snapshot');
const { invalidType } = require('../util/errors');
const { SafeMap, SafeWeakMap, safeArray } = require('../util/primordials');
const { HiddenWrappers, isNodeEmitter, storesListenersAsGiven, wrapping } = require('./listeners');

const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;

/** The namespaces that an emitter had been added to at some time: the first ones of those in a list that only grows. */
class FirstSlots {
  #places;
  #count;

  /**
   * @param {Map<Slot, number>} places in the list
   * @param {number} count
   */
  constructor(places, count) {
    this.#places = places;
    this.#count = count;
  }

  has(slot) {
    return this.#places.get(slot) < this.#count;
  }
}

/** What is known of an emitter that was added to contexts, of one namespace each. */
class ListenerBinding {
  /** @type {Map<Slot, { context: Context, frame: Frame | undefined }>} frames in which listeners run, undefined for none */
  #frames = new SafeMap();

  /** The places of these slots, for all listeners since the last change that was no addition. */
  #places = new SafeMap();

  /** What listeners run in that are put on the emitter now. */
  slots = undefined;
  snapshot = undefined;

  /** The methods that were replaced: the name, what was there, what is there now. */
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

/** A listener that runs in the frames which its emitter has now. */
function wrap(emitter, listener) {
  // Another object may have got the methods: by inheritance, or through a proxy.
  const { slots, snapshot } = bindings.get(emitter) ?? none;
  if (slots === undefined) return listener;
  return function inContexts(...args) {
    const callerSnapshot = engine.current();
    const call = new MultiCall(slots, callerSnapshot, overlay(callerSnapshot, slots, snapshot));
    reserveStack();
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

/** What has to be replaced only of an emitter that has methods of another making than Node.js'. */
const ONLY_IF_OVERRIDDEN = ['listeners', 'removeListener', 'off'];

/** Whether a value is an emitter as Node.js has it. One that does not let itself be looked at is none. */
function isEmitter(value) {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const isMethod = (name) => typeof value[name] === 'function';
  try {
    const isEmitterLike = isMethod('emit') && isMethod('on') && isMethod('once') && isMethod('removeListener');
    return isEmitterLike && isNodeEmitter(value);
  } catch {
    return false;
  }
}

/** The methods of an emitter that are to be replaced, by name. Undefined if it does not let itself be looked at. */
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

/** Replaces methods of an emitter: all or, if it does not take one, none. Returns what it replaced; undefined if nothing. */
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
 * Gives an emitter its methods back that were replaced. What others have put in their place meanwhile stays.
 *
 * @returns {boolean} false if nothing was done: it was frozen, or its `removeListener` is needed for listeners that are on it
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
  if (methods === undefined) throw invalidType('emitter', 'an EventEmitter of Node.js', emitter);
  return methods;
}

/**
 * Has every listener that is put on an emitter from now on run in a frame. One context of each namespace has an emitter at a
 * time: the last one that it was added to.
 *
 * @template {EventEmitter} E
 * @param {E} emitter
 * @param {Slot} slot of the context's namespace
 * @param {Context} context
 * @param {() => Frame | undefined} makeFrame called if the emitter is new to the context
 * @returns {E} the emitter
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not an emitter of Node.js' making, whose listeners could not be
 *   taken off by the original function, or does not take new properties
 */
function bindNewListeners(emitter, slot, context, makeFrame) {
  const methods = checkEmitter(emitter);
  // Looked up now, as a getter of the emitter may have added it meanwhile.
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
 * Undoes `bindNewListeners`: listeners that are put on the emitter from now on do not run in a frame of this namespace, and those that were put on
 * it before do. Nothing happens if the emitter was not added, or was added to another context of the namespace since.
 *
 * @template {EventEmitter} E
 * @param {E} emitter
 * @param {Slot} slot of the context's namespace
 * @param {Context} context
 * @returns {E} the emitter
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not an emitter of Node.js' making
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
