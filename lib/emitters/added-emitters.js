'use strict';

const engine = require('../engine');
const { MultiCall, enterCall, leaveCall, reserveStack } = require('../engine/call');
const { withFrame, withFramesOf } = require('../frames/snapshot');
const { invalidType } = require('../util/errors');
const { SafeMap, SafeSet, SafeWeakMap, safeArray } = require('../util/primordials');
const { isNodeEmitter, storesListenersAsGiven, wrapping } = require('./listeners');

const { apply } = Reflect;

/**
 * For each emitter that was added to contexts, by the slot of a namespace: the context, and the frame in which listeners run
 * that are put on the emitter from now on (undefined for the default context with nothing around it).
 *
 * @type {WeakMap<EventEmitter, Map<Slot, { context: Context, frame: Frame | undefined }>>}
 */
const framesOf = new SafeWeakMap();

/** A listener that runs in the frames which its emitter has now. */
function wrap(emitter, listener) {
  const framesNow = framesOf.get(emitter);
  // Another object may have got the methods: by inheritance, or through a proxy.
  if (framesNow === undefined) return listener;
  const slots = new SafeSet();
  let listenerSnapshot;
  framesNow.forEach(({ frame }, slot) => {
    slots.add(slot);
    listenerSnapshot = withFrame(listenerSnapshot, slot, frame);
  });
  return function inContexts(...args) {
    const callerSnapshot = engine.current();
    const call = new MultiCall(slots, callerSnapshot, withFramesOf(callerSnapshot, slots, listenerSnapshot));
    reserveStack();
    enterCall(call);
    try {
      return apply(listener, this, args);
    } finally {
      leaveCall(call);
    }
  };
}

const replacements = wrapping(wrap);

/** What has to be replaced only of an emitter that has methods of another making than Node.js'. */
const ofOtherMaking = ['listeners', 'removeListener', 'off'];

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
    const skipped = storesListenersAsGiven(methods) ? ofOtherMaking : safeArray();
    for (let index = 0; index < skipped.length; index++) delete methods[skipped[index]];
    return methods;
  } catch {
    return undefined;
  }
}

/** Replaces methods of an emitter: all or, if it does not take one, none. Says whether it was done. */
function replaceMethods(emitter, methods) {
  const names = Object.keys(methods);
  const replaced = safeArray();
  try {
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      const previous = Reflect.getOwnPropertyDescriptor(emitter, name);
      const value = replacements[name](methods[name]);
      Object.defineProperty(emitter, name, { __proto__: null, value, configurable: true, writable: true });
      replaced[replaced.length] = { name, previous };
    }
    return true;
  } catch {
    for (let index = 0; index < replaced.length; index++) {
      const { name, previous } = replaced[index];
      if (previous === undefined) Reflect.deleteProperty(emitter, name);
      else Reflect.defineProperty(emitter, name, previous);
    }
    return false;
  }
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
function addTo(emitter, slot, context, makeFrame) {
  const methods = isEmitter(emitter) ? methodsOf(emitter) : undefined;
  if (methods === undefined) throw invalidType('emitter', 'an EventEmitter of Node.js', emitter);
  // Looked up now, as a getter of the emitter may have added it meanwhile.
  let frames = framesOf.get(emitter);
  if (frames === undefined) {
    if (!replaceMethods(emitter, methods)) throw invalidType('emitter', 'an EventEmitter that is not frozen', emitter);
    frames = new SafeMap();
    framesOf.set(emitter, frames);
  }
  const known = frames.get(slot);
  if (known === undefined || known.context !== context) frames.set(slot, { context, frame: makeFrame() });
  return emitter;
}

module.exports = { addTo };
