'use strict';

const { EventEmitter } = require('node:events');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const { Call, Slot, TotalCall, UNNUMBERED, enterCall, leaveCall } = require('../../foundation');
const { bindNewListeners, engine, enter, findFrame, frameOf, withFrame } = require('../../foundation');
const { copyNameAndLength } = require('../../util/functions');

const { apply } = Reflect;

/**
 * The snapshot in which an OpenTelemetry context is active. Its frame has no enclosing one, because lookups don't go outwards.
 * @param {Snapshot | undefined} snapshot
 * @param {Slot} slot of the manager
 * @param {import('@opentelemetry/api').Context} context
 * @param {object} validity what invalidates the frame, or LASTING
 * @returns {Snapshot | undefined}
 */
function withContext(snapshot, slot, context, validity) {
  if ((context ?? ROOT_CONTEXT) === ROOT_CONTEXT) return withFrame(snapshot, slot, undefined);
  return enter(snapshot, slot, context, UNNUMBERED, undefined, validity);
}

/**
 * The snapshot for a bound function: namespaces that had a context active when it was bound get that again, unless the caller
 * is inside it. Others keep the caller's context: a middleware may enter a context and then call a `next` that was bound
 * earlier.
 */
function withFramesOfBinding(callerSnapshot, boundSnapshot, ownSlot) {
  let snapshot = callerSnapshot;
  for (let at = boundSnapshot; at !== undefined; at = at.next) {
    if (at.slot !== ownSlot && findFrame(frameOf(callerSnapshot, at.slot), at.frame.context) === undefined)
      snapshot = withFrame(snapshot, at.slot, at.frame);
  }
  return snapshot;
}

/** The validity of frames of emitter listeners, which `disable` does not affect. */
const LASTING = {};

class Token {
  #slot;
  #outer;

  /**
   * @param {Slot} slot of the manager
   * @param {Frame | undefined} outer the previously active frame
   */
  constructor(slot, outer) {
    this.#slot = slot;
    this.#outer = outer;
  }

  /** Restores the previously active context, once. */
  dispose() {
    const slot = this.#slot;
    if (slot === undefined) return;
    this.#slot = undefined;
    engine.set(withFrame(engine.current(), slot, this.#outer));
  }
}

/**
 * Carries the active context of `@opentelemetry/api` like those of namespaces, independently of them and of other managers.
 * Behaves like AsyncLocalStorageContextManager of `@opentelemetry/context-async-hooks`, and like that works without being
 * enabled.
 * @implements {import('@opentelemetry/api').ContextManager}
 */
class ContextManager {
  #slot = new Slot('opentelemetry');

  /** The validity of frames entered since the last `disable`. Frames with another one are ignored. */
  #validity = {};

  #emitters = new WeakSet();

  /** @returns {import('@opentelemetry/api').Context} the active context; ROOT_CONTEXT by default */
  active() {
    const frame = frameOf(engine.current(), this.#slot);
    if (frame === undefined) return ROOT_CONTEXT;
    return frame.entry === this.#validity || frame.entry === LASTING ? frame.context : ROOT_CONTEXT;
  }

  /**
   * Calls a function in a context.
   * @param {import('@opentelemetry/api').Context} context
   * @param {Function} fn
   * @param {unknown} [thisArg] its `this`
   * @param {...unknown} args for it
   * @returns {unknown} its result; promises are returned as they are
   */
  with(context, fn, thisArg, ...args) {
    return this.#call(this.#plan(engine.current(), context), fn, thisArg, args);
  }

  /**
   * Binds a function, or the listeners that are added to an emitter from now on, to a context and to the active contexts of all
   * namespaces. An emitter stays bound to its first context.
   * @template T
   * @param {import('@opentelemetry/api').Context} context
   * @param {T} target
   * @returns {T} the bound function, with the name and length of the target; other values as they are
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for a frozen emitter
   */
  bind(context, target) {
    if (target instanceof EventEmitter) return this.#bindEmitter(context, target);
    if (typeof target === 'function') return this.#bindFunction(context, target);
    return target;
  }

  /** Does nothing: contexts are carried from the start. */
  enable() {
    return this;
  }

  /**
   * Makes ROOT_CONTEXT active everywhere, including in operations started earlier, except those started by listeners of bound
   * emitters. Contexts entered later, by `with` or bound functions, are active as usual.
   */
  disable() {
    const now = engine.current();
    this.#validity = {};
    if (frameOf(now, this.#slot) !== undefined) engine.set(withFrame(now, this.#slot, undefined));
    return this;
  }

  /**
   * Makes a context active, for the rest of the current callback and everything started in it, until the token is disposed. For
   * `context.attach` of newer `@opentelemetry/api`.
   * @param {import('@opentelemetry/api').Context} context
   * @returns {{ dispose: () => void }} the token
   */
  attach(context) {
    const before = engine.current();
    // First: if the stack overflows, nothing has been entered.
    const token = new Token(this.#slot, frameOf(before, this.#slot));
    engine.set(withContext(before, this.#slot, context, this.#validity));
    return token;
  }

  /** Plans a call in a context, without side effects. */
  #plan(callerSnapshot, context) {
    const slot = this.#slot;
    const call = new Call(slot, callerSnapshot, frameOf(callerSnapshot, slot));
    call.insideSnapshot = withContext(callerSnapshot, slot, context, this.#validity);
    return call;
  }

  #call(call, fn, self, args) {
    enterCall(call);
    try {
      return apply(fn, self, args);
    } finally {
      leaveCall(call);
    }
  }

  #bindFunction(context, target) {
    const manager = this;
    const boundSnapshot = engine.current();
    function bound(...args) {
      return manager.#callBound(context, boundSnapshot, target, this, args);
    }
    return copyNameAndLength(bound, target);
  }

  #callBound(context, boundSnapshot, fn, self, args) {
    const callerSnapshot = engine.current();
    const snapshot = withFramesOfBinding(callerSnapshot, boundSnapshot, this.#slot);
    const call =
      snapshot === callerSnapshot
        ? this.#plan(callerSnapshot, context)
        : new TotalCall(callerSnapshot, withContext(snapshot, this.#slot, context, this.#validity));
    return this.#call(call, fn, self, args);
  }

  #bindEmitter(context, emitter) {
    if (this.#emitters.has(emitter)) return emitter;
    bindNewListeners(emitter, this.#slot, context, () => withContext(undefined, this.#slot, context, LASTING));
    this.#emitters.add(emitter);
    return emitter;
  }
}

module.exports = { ContextManager };
