'use strict';

const EventEmitter = require('node:events');
const { inspect } = require('node:util');

const { bindNewListeners, unbindNewListeners } = require('../emitters/listener-binding');
const engine = require('../engine');
const { frameOf } = require('../frames/snapshot');
const { withCode } = require('../util/errors');
const { checkCallback, copyNameAndLength } = require('../util/functions');
const { remainingTime, signalOf } = require('./cancellation');
const { CALLER, ContextCall } = require('./context-call');
const { labelAll, labelValue, makeLabelsOf, unlabel } = require('./context-labels');
const { inspectValues } = require('./inspect');
const { Lifetime, ObserverState } = require('./lifetime');
const { enterContext, exitContext } = require('./scope');
const { asBag, toKey, watch } = require('./values');

/** Passed by namespaces to the Context constructor; anybody else gets an error. */
const kCreate = Symbol('context.create');

/** @type {(context: Context) => Values} */
let valuesOf;

/** @type {(context: Context) => Lifetime} */
let lifetimeOf;

/**
 * Whether a value is a context, and not an object that inherits from one or stands for it.
 * @type {(value: unknown) => boolean}
 */
let isContext;

/** A context's serial number in its namespace; 0 for the default context. */
const serialOf = (context) => lifetimeOf(context).serial;

/** What observers store per context: each has a property of its own. */
const observerStateOf = (context) => (lifetimeOf(context).observerState ??= new ObserverState());

/**
 * Whether a context has a key whose value is undefined. Asked after `valuesOf(context)[name]` was undefined.
 * @type {(context: Context, name: string | symbol) => boolean}
 */
let hasUndefined;

/**
 * Finishes a context's creation: records whether an initial value may be undefined, and copies the values to its labels.
 * @type {(context: Context, mayHaveUndefined: boolean) => void}
 */
let noteValues;

/**
 * The values of one unit of work: a request, a transaction, a job. Created by `namespace.createContext()`.
 *
 * Emits `end` after `run` and after each outermost call of a bound function, outside of the context. After `endWith`, emits it
 * once, when the targets are over, in the context itself. The listeners get the outcome: `{ error }`, or undefined.
 */
class Context {
  static {
    valuesOf = (context) => context.#values;
    lifetimeOf = (context) => context.#lifetime;
    isContext = (value) => typeof value === 'object' && value !== null && #lifetime in value;
    hasUndefined = (context, name) => context.#mayHaveUndefined && name in context.#values;
    noteValues = (context, mayHaveUndefined) => {
      context.#mayHaveUndefined = mayHaveUndefined;
      if (context.#lifetime.labels !== undefined) labelAll(context.#lifetime, context.#values);
    };
  }

  #lifetime;
  #values;

  /** Whether a value may be undefined. If not, `get` needs one property lookup instead of two. */
  #mayHaveUndefined = false;

  /**
   * @param {symbol} key kCreate, so that only this package can call the constructor
   * @param {Slot} slot of the namespace
   * @param {number} serial number in the namespace; 0 for its default context
   * @param {Values} values
   * @param {boolean} isRoot whether nothing of the namespace encloses it, wherever it is entered
   */
  constructor(key, slot, serial, values, isRoot) {
    if (key !== kCreate) {
      const message = 'Use namespace.createContext() to create a Context, not new';
      throw withCode(new TypeError(message), 'ERR_ILLEGAL_CONSTRUCTOR');
    }
    this.#lifetime = new Lifetime(this, slot, serial, isRoot);
    this.#values = values;
    if (slot.exposed !== undefined) makeLabelsOf(this.#lifetime);
  }

  /** The namespace of this context. */
  get namespace() {
    return this.#lifetime.slot.namespace;
  }

  /** Whether `end` was emitted. */
  get ended() {
    return this.#lifetime.hasEnded;
  }

  /** This context's own values: an object without a prototype. */
  get bag() {
    // The program may set anything on it.
    this.#mayHaveUndefined = true;
    const bag = asBag(this.#values);
    if (watch.onValues !== undefined) watch.onValues(this);
    return bag;
  }

  /**
   * Sets a value.
   * @param {string | symbol | number} key a number means its string
   * @param {unknown} value
   * @returns {unknown} the value
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for any other key
   */
  set(key, value) {
    const name = toKey(key);
    this.#values[name] = value;
    if (value === undefined) this.#mayHaveUndefined = true;
    if (this.#lifetime.slot.exposed !== undefined) labelValue(this.#lifetime, this.#values, name, value);
    if (watch.onValues !== undefined) watch.onValues(this);
    return value;
  }

  /**
   * @param {string | symbol | number} key
   * @returns {unknown} this context's own value, not inherited from enclosing contexts; undefined if not set
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  get(key) {
    return this.#values[toKey(key)];
  }

  /**
   * @param {string | symbol | number} key
   * @returns {boolean} whether this context has the value itself, even if it is undefined
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  has(key) {
    return toKey(key) in this.#values;
  }

  /**
   * Deletes one of this context's own values.
   * @param {string | symbol | number} key
   * @returns {boolean} whether it was set
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  delete(key) {
    const name = toKey(key);
    const isDeleted = name in this.#values && Reflect.deleteProperty(this.#values, name);
    if (isDeleted && this.#lifetime.labels !== undefined) unlabel(this.#lifetime, name);
    if (isDeleted && watch.onValues !== undefined) watch.onValues(this);
    return isDeleted;
  }

  /**
   * Makes this the active context, for the rest of the current callback and everything started in it.
   * @returns {Disposable} for `using`: leaves the context at the end of the block, if it is still entered. If the context was
   *   already active, neither entering nor leaving changes anything
   */
  enter() {
    return enterContext(this.#lifetime);
  }

  /**
   * Leaves this context. Contexts of the namespace that were entered later stay active. After a root, nothing is active below
   * them: only the scope that `enter()` returned restores what the root hid.
   * @throws {Error} with code ERR_CONTEXT_NOT_ENTERED if it is not entered here
   */
  exit() {
    exitContext(this.#lifetime);
  }

  /**
   * Calls a function in this context, then emits `end`: at once, or after the native promise that it returned has settled.
   * @param {Function} callback its `this` is the context
   * @param {...unknown} args for the callback
   * @returns {unknown} the callback's result. If it is a native promise and `end` waits for it, a derived promise with the same
   *   outcome: handle that one, since its rejection is reported even if the original is handled
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(callback, ...args) {
    checkCallback(callback);
    return new ContextCall(this.#lifetime, CALLER, this).call(callback, args);
  }

  /**
   * Binds a function to this context and the contexts that enclose it now. Each call works like `run` here.
   * @template {Function} F
   * @param {F} callback
   * @returns {F} has the name and length of the callback. `this` is the caller's, or the context if that is undefined
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  bind(callback) {
    checkCallback(callback);
    const context = this;
    const lifetime = this.#lifetime;
    const activeFrame = frameOf(engine.current(), lifetime.slot);
    // A root keeps nothing around it alive.
    const bindFrame = lifetime.isRoot ? lifetime.frameIn(activeFrame) : activeFrame;
    function bound(...args) {
      return new ContextCall(lifetime, bindFrame, this ?? context).call(callback, args);
    }
    return copyNameAndLength(bound, callback);
  }

  /**
   * Runs listeners that are added to an emitter from now on in this context. They don't make it emit `end`.
   * @template {EventEmitter} E
   * @param {E} emitter
   * @returns {E} the emitter
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for anything but a Node.js emitter
   */
  add(emitter) {
    const lifetime = this.#lifetime;
    return bindNewListeners(emitter, lifetime.slot, this, () => {
      const activeFrame = frameOf(engine.current(), lifetime.slot);
      return lifetime.ownsFrame(activeFrame) ? activeFrame : lifetime.entered(undefined, activeFrame, undefined).frame;
    });
  }

  /**
   * Undoes `add` for listeners that are added from now on; existing ones stay in this context.
   * @template {EventEmitter} E
   * @param {E} emitter nothing happens if it was not added to this context
   * @returns {E} the emitter
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for anything but a Node.js emitter
   */
  remove(emitter) {
    return unbindNewListeners(emitter, this.#lifetime.slot, this);
  }

  /** An AbortSignal that `abort` or the timeout aborts, made when it is first read. That of a default context never aborts. */
  get signal() {
    return signalOf(this.#lifetime);
  }

  /** Milliseconds until the deadline of this context or one that encloses it now, if it is active; Infinity without one. */
  get remainingTime() {
    return remainingTime(this.#lifetime, lifetimeOf);
  }

  /**
   * Aborts the signal of this context, and those of `namespace.signal` in it. Does nothing after the first time, or after `end`.
   * @param {unknown} [reason] an AbortError by default
   * @throws {Error} with code ERR_CONTEXT_NOT_ACTIVE for a default context
   */
  abort(reason) {
    this.#lifetime.abort(reason);
  }

  /**
   * Ties the end of this context to a target. `run` and bound functions no longer emit `end`: it is emitted once, when all
   * targets are over, in this context, nested as it is now.
   * @param {Stream | EventEmitter | Promise<unknown> | AbortSignal} target is over when a response emits `close` (or `finish`
   *   if nothing closes it), a stream or other emitter emits `close` or is already closed, a worker emits `exit`, a native
   *   promise settles (which counts as handled) or a signal aborts; see lib/api/targets.js
   * @returns {this}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for any other target
   * @throws {Error} with code ERR_CONTEXT_ENDED if `end` was emitted, or ERR_CONTEXT_NOT_ACTIVE for a default context, which
   *   never ends
   */
  endWith(target) {
    this.#lifetime.endWith(target);
    return this;
  }

  /** Emits `end`: only once after `endWith`, whose targets are then ignored. Default contexts never emit it. */
  end() {
    this.#lifetime.end();
  }

  [inspect.custom](depth, options) {
    const title = `Context ${this.namespace.name}${this.#lifetime.isDefault ? ' (default)' : `#${this.#lifetime.serial}`}`;
    return inspectValues(this, title, this.#values, depth, options);
  }
}

// Like `extends EventEmitter`, without calling its constructor: that call is two thirds of the cost of a context, and the first
// listener initialises an emitter anyway.
Object.setPrototypeOf(Context, EventEmitter);
Object.setPrototypeOf(Context.prototype, EventEmitter.prototype);

module.exports = { Context, hasUndefined, isContext, kCreate, lifetimeOf, noteValues, observerStateOf, serialOf, valuesOf };
