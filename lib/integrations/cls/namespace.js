'use strict';

const assert = require('node:assert');
const { executionAsyncId } = require('node:async_hooks');

const { Call, Slot, UNNUMBERED, enterCall, leaveCall } = require('../../foundation');
const { engine, enter, findFrame, frameOf, restack, withFrame } = require('../../foundation');
const { invalidType, withCode } = require('../../util/errors');
const { isObject } = require('../../util/objects');
const { bindListeners } = require('./emitter');

const { apply } = Reflect;

/** The property of an error that holds its context. */
const ERROR_SYMBOL = 'error@context';

/** The one key that is not an ordinary property. */
const PROTO = '__proto__';

/** Converts a key to a property name. Objects are converted once, since the result may vary. */
function nameOf(key) {
  return isObject(key) ? Reflect.ownKeys({ [key]: undefined })[0] : key;
}

/** The value set under `__proto__` in a context or one around it; never an actual prototype. */
function getProto(context) {
  for (let at = context; at !== null; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, PROTO);
    if (descriptor !== undefined && 'value' in descriptor) return descriptor.value;
  }
  return undefined;
}

function setProto(context, value) {
  Object.defineProperty(context, PROTO, { __proto__: null, value, configurable: true, enumerable: true, writable: true });
}

/** Stores the context on an error, if it is an extensible object. */
function annotate(error, context) {
  if (isObject(error)) Reflect.set(error, ERROR_SYMBOL, context);
}

/**
 * A call of a function in a context. As in cls-hooked, leaving it removes only its own context: contexts that were entered on
 * top of it and not left stay active.
 */
class ClsCall extends Call {
  /**
   * @param {Slot} slot of the namespace
   * @param {Snapshot | undefined} callerSnapshot
   * @param {Frame | undefined} callerFrame
   * @param {object} context
   * @param {boolean} nests whether the caller's frame encloses the context
   */
  constructor(slot, callerSnapshot, callerFrame, context, nests) {
    super(slot, callerSnapshot, callerFrame);
    this.context = context;
    this.nests = nests;
  }

  restored(now) {
    const { slot } = this;
    const active = frameOf(now, slot);
    let frame = active;
    while (frame !== undefined && (this.nests ? frame.context !== this.context : frame.entry !== this)) frame = frame.enclosing;
    if (frame === undefined) return withFrame(now, slot, this.callerFrame);
    return withFrame(now, slot, restack(active, frame, this.nests ? frame.enclosing : this.callerFrame));
  }
}

/**
 * A namespace with the behaviour of cls-hooked: contexts are plain objects that inherit from the enclosing one, and outside
 * `run` there is no active context. Frames hold the contexts; the enclosing frame is what `exit` returns to.
 */
class Namespace {
  #slot;

  /** @param {string} name */
  constructor(name) {
    this.#slot = new Slot(String(name));
    this.name = name;
    this.id = executionAsyncId();
  }

  /** @returns {object | null} the active context */
  get active() {
    return frameOf(engine.current(), this.#slot)?.context ?? null;
  }

  /** Replaces the active context, or removes it (null). Programs save and restore it this way. */
  set active(context) {
    const before = engine.current();
    const enclosing = frameOf(before, this.#slot)?.enclosing;
    const { frame } = enter(undefined, this.#slot, context, UNNUMBERED, enclosing, undefined);
    engine.set(withFrame(before, this.#slot, frame));
  }

  /** The context that was active before each entry, outermost first. Programs use its length to find leaks. */
  get _set() {
    const covered = [];
    for (let frame = frameOf(engine.current(), this.#slot); frame !== undefined; frame = frame.enclosing) {
      covered.unshift(frame.enclosing?.context ?? null);
    }
    return covered;
  }

  /**
   * Sets a value of the active context.
   * @param {PropertyKey} key any, even `__proto__`
   * @param {unknown} value
   * @returns {unknown} the value
   * @throws {Error} with code ERR_CONTEXT_NOT_ACTIVE outside a context
   */
  set(key, value) {
    const { active } = this;
    if (active === null) {
      // The message of cls-hooked, which programs look for.
      const message = 'No context available. ns.run() or ns.bind() must be called first.';
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ACTIVE');
    }
    const name = nameOf(key);
    if (name === PROTO) setProto(active, value);
    else active[name] = value;
    return value;
  }

  /**
   * @param {PropertyKey} key
   * @returns {unknown} the value in the active context or the innermost one around it that has the key; undefined if there is
   *   none
   */
  get(key) {
    const { active } = this;
    if (active === null) return undefined;
    const name = nameOf(key);
    return name === PROTO ? getProto(active) : active[name];
  }

  /** @returns {object} a new context inside the active one, not entered */
  createContext() {
    const context = Object.create(this.active ?? Object.prototype);
    context._ns_name = this.name;
    context.id = executionAsyncId();
    return context;
  }

  /**
   * Calls a function in a new context.
   * @param {(context: object) => void} fn
   * @returns {object} the context
   */
  run(fn) {
    const context = this.createContext();
    this.#call(context, true, fn, undefined, [context]);
    return context;
  }

  /**
   * Calls a function in a new context and returns its result.
   * @template T
   * @param {(context: object) => T} fn
   * @returns {T}
   */
  runAndReturn(fn) {
    const context = this.createContext();
    return this.#call(context, true, fn, undefined, [context]);
  }

  /**
   * Calls an async function in a new context.
   * @template T
   * @param {(context: object) => Promise<T>} fn
   * @returns {Promise<T>} a promise with the same outcome; `fromException` returns the context of its error
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the function returns no promise
   */
  runPromise(fn) {
    const context = this.createContext();
    const start = () => {
      const promise = fn(context);
      if (typeof promise?.then !== 'function' || typeof promise.catch !== 'function') {
        throw invalidType('the result of the function passed to runPromise', 'a promise with then and catch', promise);
      }
      // In the context, because a query builder may only start the query here.
      return promise.catch((error) => {
        annotate(error, context);
        throw error;
      });
    };
    return this.#call(context, true, start, undefined, []);
  }

  /**
   * Binds a function to a context.
   * @param {Function} fn
   * @param {object} [context] the active one by default, or else a new one
   * @returns {Function} calls the function in the context, passing `this` and arguments on
   */
  bind(fn, context = undefined) {
    const namespace = this;
    const site = context || this.active || this.createContext();
    return function bound(...args) {
      return namespace.#call(site, false, fn, this, args);
    };
  }

  /**
   * Runs listeners that are added to an emitter from now on in the context that is active when they are added; if there is
   * none, in that of the code that emits, or else in a new one.
   * @param {import('node:events').EventEmitter} emitter
   * @throws {assert.AssertionError} if it is not an emitter
   */
  bindEmitter(emitter) {
    const isEmitter = emitter.on && emitter.addListener && emitter.emit && emitter.removeListener;
    assert.ok(isEmitter, 'bindEmitter needs an EventEmitter');
    bindListeners(emitter, this);
  }

  /**
   * Makes a context active, for the rest of the current callback and everything started in it, until `exit`.
   * @param {object} context
   * @throws {assert.AssertionError} without a context
   */
  enter(context) {
    assert.ok(context, 'enter needs a context from createContext()');
    const before = engine.current();
    const inside = enter(before, this.#slot, context, UNNUMBERED, frameOf(before, this.#slot), undefined);
    this.#slot.countEntered(inside.frame);
    engine.set(inside);
  }

  /**
   * Leaves a context. Contexts that were entered later stay active.
   * @param {object} context
   * @throws {assert.AssertionError} without a context, or if it is not entered here
   */
  exit(context) {
    assert.ok(context, 'exit needs the context to leave');
    const now = engine.current();
    const active = frameOf(now, this.#slot);
    const frame = findFrame(active, context);
    assert.ok(frame, `This context of the namespace '${String(this.name)}' is not entered, so it can't be left`);
    engine.set(withFrame(now, this.#slot, restack(active, frame, frame.enclosing)));
  }

  /**
   * @param {object} exception
   * @returns {object | undefined} the context that the error was thrown in; the outermost one of several
   */
  fromException(exception) {
    return exception[ERROR_SYMBOL];
  }

  /**
   * Calls a function in a context.
   * @param {object} context
   * @param {boolean} nests whether the active context encloses it. False for bound functions: one that reschedules itself
   *   forever would build an endless chain
   */
  #call(context, nests, fn, self, args) {
    const slot = this.#slot;
    const callerSnapshot = engine.current();
    const callerFrame = frameOf(callerSnapshot, slot);
    const call = new ClsCall(slot, callerSnapshot, callerFrame, context, nests);
    call.insideSnapshot = enter(callerSnapshot, slot, context, UNNUMBERED, nests ? callerFrame : undefined, call);
    slot.countEntered(call.insideSnapshot.frame);
    enterCall(call);
    try {
      return apply(fn, self, args);
    } catch (error) {
      annotate(error, context);
      throw error;
    } finally {
      leaveCall(call);
      call.release();
    }
  }
}

module.exports = { ERROR_SYMBOL, Namespace };
