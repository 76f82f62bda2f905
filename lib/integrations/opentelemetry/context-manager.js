'use strict';

const { EventEmitter } = require('node:events');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const {
  Call,
  Slot,
  TotalCall,
  bindNewListeners,
  engine,
  enter,
  enterCall,
  frameOf,
  leaveCall,
  reserveStack,
  withFrame,
} = require('../../foundation');
const { copyNameAndLength } = require('../../util/functions');

const { apply } = Reflect;

/** The serial number of all frames here. OpenTelemetry does not number its contexts, and 0 is for default contexts. */
const SERIAL = 1;

/**
 * The snapshot in which an OpenTelemetry context is active. Its frame has none around it: nothing is looked up
 * outwards here, so what is hidden need not be kept.
 *
 * @param {Snapshot | undefined} snapshot
 * @param {Slot} slot of the manager
 * @param {import('@opentelemetry/api').Context} context
 * @param {object} validity of the frame: what makes it void, or LASTING
 * @returns {Snapshot | undefined}
 */
function withContext(snapshot, slot, context, validity) {
  if ((context ?? ROOT_CONTEXT) === ROOT_CONTEXT) return withFrame(snapshot, slot, undefined);
  return enter(snapshot, slot, context, SERIAL, undefined, validity);
}

/** Whether a context is that of a frame, or of one that encloses it. */
function isIn(frame, context) {
  let at = frame;
  while (at !== undefined && at.context !== context) at = at.enclosing;
  return at !== undefined;
}

/**
 * The snapshot in which a bound function runs: the namespaces that had a context active where it was bound have it again, unless
 * its caller is inside that one. What was not active then is as it is for the caller: a middleware may enter a context and call a
 * `next` that was bound before.
 */
function withFramesOfBinding(callerSnapshot, boundSnapshot, ownSlot) {
  let snapshot = callerSnapshot;
  for (let at = boundSnapshot; at !== undefined; at = at.next) {
    if (at.slot !== ownSlot && !isIn(frameOf(callerSnapshot, at.slot), at.frame.context))
      snapshot = withFrame(snapshot, at.slot, at.frame);
  }
  return snapshot;
}

/** The validity of frames in which the listeners of an emitter run. One serves all calls, so that `disable` leaves it alone. */
const LASTING = {};

/** What `attach` returns. */
class Token {
  #slot;
  #outer;

  /**
   * @param {Slot} slot of the manager
   * @param {Frame | undefined} outer its active frame before
   */
  constructor(slot, outer) {
    this.#slot = slot;
    this.#outer = outer;
  }

  /** Makes the context active again that was so before. Does it once; further calls do nothing. */
  dispose() {
    const slot = this.#slot;
    if (slot === undefined) return;
    this.#slot = undefined;
    engine.set(withFrame(engine.current(), slot, this.#outer));
  }
}

/**
 * Carries the active context of `@opentelemetry/api` as those of the namespaces are carried, independent of them and
 * of other managers. Behaves as AsyncLocalStorageContextManager of `@opentelemetry/context-async-hooks` does, and
 * works, like that, without being enabled.
 *
 * @implements {import('@opentelemetry/api').ContextManager}
 */
class ContextManager {
  #slot = new Slot('opentelemetry');

  /** What frames bear that were entered since `disable` was called last: those that bear another one are void. */
  #validity = {};

  /** The emitters that were bound. */
  #emitters = new WeakSet();

  /** @returns {import('@opentelemetry/api').Context} the active context; ROOT_CONTEXT if there is no other */
  active() {
    const frame = frameOf(engine.current(), this.#slot);
    if (frame === undefined) return ROOT_CONTEXT;
    return frame.entry === this.#validity || frame.entry === LASTING ? frame.context : ROOT_CONTEXT;
  }

  /**
   * Calls a function with a context active.
   *
   * @param {import('@opentelemetry/api').Context} context
   * @param {Function} fn
   * @param {unknown} [thisArg] its `this`
   * @param {...unknown} args for it
   * @returns {unknown} what it returns: a promise as it is
   */
  with(context, fn, thisArg, ...args) {
    return this.#call(context, fn, thisArg, args);
  }

  /**
   * Binds a function, or the listeners that are put on an emitter from now on, to a context, and to what is active in all
   * namespaces now. An emitter stays with the first context that it was bound to.
   *
   * @template T
   * @param {import('@opentelemetry/api').Context} context
   * @param {T} target
   * @returns {T} the bound function, with the name and the length of the target; anything else as it is
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for an emitter that is frozen
   */
  bind(context, target) {
    if (target instanceof EventEmitter) return this.#bindEmitter(context, target);
    if (typeof target === 'function') return this.#bindFunction(context, target);
    return target;
  }

  /** Contexts are carried from the start, so that this does nothing. */
  enable() {
    return this;
  }

  /**
   * Makes ROOT_CONTEXT the active context everywhere, also in what was started before; all but what listeners of
   * bound emitters have started. What is entered from here on, by `with` or by a bound function or listener, is
   * active as before.
   */
  disable() {
    const now = engine.current();
    this.#validity = {};
    if (frameOf(now, this.#slot) !== undefined) engine.set(withFrame(now, this.#slot, undefined));
    return this;
  }

  /**
   * Makes a context the active one: for the rest of the running callback and all that is started in it, until the
   * token is disposed of. For `context.attach`, where `@opentelemetry/api` has it.
   *
   * @param {import('@opentelemetry/api').Context} context
   * @returns {{ dispose: () => void }} the token
   */
  attach(context) {
    const before = engine.current();
    engine.set(withContext(before, this.#slot, context, this.#validity));
    return new Token(this.#slot, frameOf(before, this.#slot));
  }

  #call(context, fn, self, args) {
    const slot = this.#slot;
    const callerSnapshot = engine.current();
    const call = new Call(slot, callerSnapshot, frameOf(callerSnapshot, slot));
    call.insideSnapshot = withContext(callerSnapshot, slot, context, this.#validity);
    reserveStack();
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
    if (snapshot === callerSnapshot) return this.#call(context, fn, self, args);
    const call = new TotalCall(callerSnapshot, withContext(snapshot, this.#slot, context, this.#validity));
    reserveStack();
    enterCall(call);
    try {
      return apply(fn, self, args);
    } finally {
      leaveCall(call);
    }
  }

  #bindEmitter(context, emitter) {
    if (this.#emitters.has(emitter)) return emitter;
    bindNewListeners(emitter, this.#slot, context, () => withContext(undefined, this.#slot, context, LASTING));
    this.#emitters.add(emitter);
    return emitter;
  }
}

module.exports = { ContextManager };
