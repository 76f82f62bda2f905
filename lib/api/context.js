'use strict';

const EventEmitter = require('node:events');
const { inspect } = require('node:util');

const { bindNewListeners, unbindNewListeners } = require('../emitters/listener-binding');
const engine = require('../engine');
const { frameOf, restack, withFrame } = require('../frames/snapshot');
const { withCode } = require('../util/errors');
const { checkCallback, copyNameAndLength } = require('../util/functions');
const { CALLER, ContextCall } = require('./context-call');
const { labelAll, labelValue, makeLabelsOf, unlabel } = require('./context-labels');
const { log, logs } = require('./diagnostics');
const { inspectValues } = require('./inspect');
const { Lifetime, ObserverState } = require('./lifetime');
const { asBag, toKey, watch } = require('./values');

/** What a namespace shows to make a context. */
const kCreate = Symbol('context.create');

/**
 * A context's own values, for its namespace to look through.
 *
 * @type {(context: Context) => Values}
 */
let valuesOf;

/**
 * A context's life: what is entered, and when it ends.
 *
 * @type {(context: Context) => Lifetime}
 */
let lifetimeOf;

/** A context's serial number in its namespace; 0 for its default context. */
const serialOf = (context) => lifetimeOf(context).serial;

/** What observers know of a context: each has a property of its own in it. */
const observerStateOf = (context) => (lifetimeOf(context).observerState ??= new ObserverState());

/**
 * Whether a context has a value of its own under a key for which `valuesOf` has undefined.
 *
 * @type {(context: Context, name: string | symbol) => boolean}
 */
let hasUndefined;

/**
 * Tells a context of the values that it was created with: whether one of them may be undefined; and its labels get copies.
 *
 * @type {(context: Context, mayHaveUndefined: boolean) => void}
 */
let noteValues;

/** One entry by `enter()`: it takes itself off at the end of a block that is declared with `using`. */
class Scope {
  static {
    // No `end` follows it, as it may follow a call.
    Scope.prototype.emitsEnd = false;
  }

  #leave;

  /** @param {((scope: Scope) => void) | undefined} leave undefined if nothing was entered */
  constructor(leave) {
    this.#leave = leave;
  }

  /** Leaves what was entered. Does nothing the second time, or if that was left already. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    const leave = this.#leave;
    this.#leave = undefined;
    leave?.(this);
  }
}

/**
 * The values of one unit of work: a request, a transaction, a job. Made by `namespace.createContext()` alone.
 *
 * Emits `end` when it is about to go out of scope: after `run` and after each outermost call of a bound function. A context that
 * was told by `endWith` what its life depends on emits it once, when that is over.
 */
class Context {
  static {
    valuesOf = (context) => context.#values;
    lifetimeOf = (context) => context.#lifetime;
    hasUndefined = (context, name) => context.#mayHaveUndefined && name in context.#values;
    noteValues = (context, mayHaveUndefined) => {
      context.#mayHaveUndefined = mayHaveUndefined;
      if (context.#lifetime.labels !== undefined) labelAll(context.#lifetime, context.#values);
    };
  }

  #lifetime;
  #values;

  /** Whether a value may be set to undefined. If not, reading it tells whether it is set: half the price of asking. */
  #mayHaveUndefined = false;

  /**
   * @param {symbol} key that only this package has
   * @param {Slot} slot of the context's namespace
   * @param {number} serial the context's serial number in the namespace; 0 for its default context
   * @param {Values} values its own
   */
  constructor(key, slot, serial, values) {
    if (key !== kCreate) {
      const message = 'A Context is made by namespace.createContext(), not with new';
      throw withCode(new TypeError(message), 'ERR_ILLEGAL_CONSTRUCTOR');
    }
    this.#lifetime = new Lifetime(this, slot, serial);
    this.#values = values;
    if (slot.exposed !== undefined) makeLabelsOf(this.#lifetime);
  }

  /** The namespace that this context belongs to. */
  get namespace() {
    return this.#lifetime.slot.namespace;
  }

  /** Whether `end` was emitted. */
  get ended() {
    return this.#lifetime.hasEnded;
  }

  /** This context's own values: an object without a prototype. */
  get bag() {
    // Whoever has it may set anything.
    this.#mayHaveUndefined = true;
    const bag = asBag(this.#values);
    if (watch.onValues !== undefined) watch.onValues(this);
    return bag;
  }

  /**
   * Sets a value of this context.
   *
   * @param {string | symbol | number} key a number stands for its string
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
   * @returns {unknown} this context's own value, never that of an enclosing one; undefined if it has none
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  get(key) {
    return this.#values[toKey(key)];
  }

  /**
   * @param {string | symbol | number} key
   * @returns {boolean} whether a value of its own is set, if only to undefined
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  has(key) {
    return toKey(key) in this.#values;
  }

  /**
   * Takes a value of its own away.
   *
   * @param {string | symbol | number} key
   * @returns {boolean} whether there was one
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
   * Makes this the active context: for the rest of the running callback and all that is started in it.
   *
   * @returns {Disposable} for `using`: leaves the context at the end of the block, if it is still entered. If it was active
   *   before, nothing is entered, and nothing left
   */
  enter() {
    const lifetime = this.#lifetime;
    const snapshot = engine.current();
    const activeFrame = frameOf(snapshot, lifetime.slot);
    if (lifetime.ownsFrame(activeFrame)) return new Scope(undefined);
    if (logs) log('enter', this);
    const scope = new Scope((entry) => Context.#leaveScope(this, entry));
    const entered = lifetime.entered(snapshot, activeFrame, scope);
    lifetime.slot.countEntered(entered.frame);
    engine.set(entered);
    return scope;
  }

  /**
   * Takes this context off again. If others of its namespace were entered on top of it, they stay.
   *
   * @throws {Error} with code ERR_CONTEXT_NOT_ENTERED if it is not entered here
   */
  exit() {
    const snapshot = engine.current();
    const activeFrame = frameOf(snapshot, this.#lifetime.slot);
    let frame = activeFrame;
    while (frame !== undefined && frame.context !== this) frame = frame.enclosing;
    if (frame === undefined) {
      const message =
        `This context of the namespace '${this.namespace.name}' is not entered here; exit() undoes an enter() of the ` +
        `same callback, or of one that this one was started from`;
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ENTERED');
    }
    Context.#takeOff(this, snapshot, activeFrame, frame);
  }

  /**
   * Calls a function in this context, then emits `end`: right away, or once the native promise that it returned has settled.
   *
   * @param {Function} callback its `this` is the context
   * @param {...unknown} args for the callback
   * @returns {unknown} what the callback returns. If that is a native promise and `end` follows its settlement: a promise derived from
   *   it, with the same outcome. Handle the derived one: its rejection is reported even if the callback's promise is handled elsewhere
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(callback, ...args) {
    checkCallback(callback);
    return new ContextCall(this.#lifetime, CALLER, this).call(callback, args);
  }

  /**
   * Binds a function to this context, nested as it is now: whoever calls it, whenever, runs it as `run` would here.
   *
   * @template {Function} F
   * @param {F} callback
   * @returns {F} a function with the name and the length of the callback. Its `this` is its caller's, else the context
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  bind(callback) {
    checkCallback(callback);
    const context = this;
    const lifetime = this.#lifetime;
    const bindFrame = frameOf(engine.current(), lifetime.slot);
    function bound(...args) {
      return new ContextCall(lifetime, bindFrame, this ?? context).call(callback, args);
    }
    return copyNameAndLength(bound, callback);
  }

  /**
   * Has every listener that is put on an emitter from now on run in this context, nested as it is now. They never make it
   * emit `end`.
   *
   * @template {EventEmitter} E
   * @param {E} emitter
   * @returns {E} the emitter
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not an emitter
   */
  add(emitter) {
    const lifetime = this.#lifetime;
    return bindNewListeners(emitter, lifetime.slot, this, () => {
      const activeFrame = frameOf(engine.current(), lifetime.slot);
      return lifetime.ownsFrame(activeFrame) ? activeFrame : lifetime.entered(undefined, activeFrame, undefined).frame;
    });
  }

  /**
   * Undoes `add`: listeners that are put on the emitter from now on do not run in this context. Those that are on it keep theirs.
   *
   * @template {EventEmitter} E
   * @param {E} emitter if it was not added to this context, nothing happens
   * @returns {E} the emitter
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not an emitter
   */
  remove(emitter) {
    return unbindNewListeners(emitter, this.#lifetime.slot, this);
  }

  /**
   * Tells what the life of this context depends on. From here on neither `run` nor bound functions emit `end`: it is emitted
   * once, when the target is over, with the context active that encloses this one now. If there are several targets, when all of
   * them are.
   *
   * @param {Stream | EventEmitter | Promise<unknown> | AbortSignal} target each kind is over in its own way, see lib/api/targets.js:
   *   a response with `close`, or with `finish` if nothing closes it; a stream or another emitter with `close`, or if it was closed or
   *   destroyed before; a worker with `exit`; a native promise when it has settled, which counts as handled from here on; a signal when
   *   it is aborted
   * @returns {this}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for any other target
   * @throws {Error} with code ERR_CONTEXT_ENDED if `end` was emitted before; with code ERR_CONTEXT_NOT_ACTIVE if this is a default
   *   context, which never ends
   */
  endWith(target) {
    this.#lifetime.endWith(target);
    return this;
  }

  /** Emits `end`. After `endWith` it does so once, and the targets no longer matter. The default context never emits it. */
  end() {
    this.#lifetime.end();
  }

  // What follows is static because a private method of instances would put a mark on each of them.

  /** Takes a frame out of the active ones of its namespace. */
  static #takeOff(context, snapshot, activeFrame, frame) {
    if (logs) log('exit', context);
    engine.set(withFrame(snapshot, context.#lifetime.slot, restack(activeFrame, frame, frame.enclosing)));
  }

  /** Leaves what `enter()` has entered, if it is still entered here. */
  static #leaveScope(context, scope) {
    const snapshot = engine.current();
    const activeFrame = frameOf(snapshot, context.#lifetime.slot);
    let frame = activeFrame;
    while (frame !== undefined && frame.entry !== scope) frame = frame.enclosing;
    if (frame !== undefined) Context.#takeOff(context, snapshot, activeFrame, frame);
  }

  [inspect.custom](depth, options) {
    const title = `Context ${this.namespace.name}${this.#lifetime.isDefault ? ' (default)' : `#${this.#lifetime.serial}`}`;
    return inspectValues(this, title, this.#values, depth, options);
  }
}

// What `extends EventEmitter` would give, but for the call of its constructor, which takes two thirds of the time of making a
// context: an emitter sets its state up with the first listener anyway.
Object.setPrototypeOf(Context, EventEmitter);
Object.setPrototypeOf(Context.prototype, EventEmitter.prototype);

module.exports = { Context, hasUndefined, kCreate, lifetimeOf, noteValues, observerStateOf, serialOf, valuesOf };
