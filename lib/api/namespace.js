'use strict';

const { inspect } = require('node:util');
const { isPromise } = require('node:util/types');

const engine = require('../engine');
const { Slot } = require('../frames/slot');
const { frameOf } = require('../frames/snapshot');
const { invalidType, withCode } = require('../util/errors');
const { checkCallback, copyNameAndLength } = require('../util/functions');
const { safeArray } = require('../util/primordials');
const { activeSignal } = require('./cancellation');
const { Context, hasUndefined, kCreate, lifetimeOf, noteValues, valuesOf } = require('./context');
const { CALLER, ContextCall } = require('./context-call');
const { createChannel } = require('./diagnostics');
const { recall } = require('./error-origins');
const { contextOptions } = require('./options');
const { observeUncaught, recallUncaught } = require('./uncaught');
const { Values, copyValues, toKey } = require('./values');

const { apply } = Reflect;
const { slice } = Array.prototype;

/** Passed by the registry to the Namespace constructor; anybody else gets an error. */
const kRegister = Symbol('context.register');

/** @type {(namespace: Namespace) => Slot} */
let slotOf;

/**
 * Whether a value is a namespace, and not an object that inherits from one or stands for it.
 * @type {(value: unknown) => boolean}
 */
let isNamespace;

/** Copies the values of some keys, each from the first context that has it. */
function pick(contexts, keys) {
  const picked = Object.create(null);
  for (let index = 0; index < keys.length; index++) {
    const key = toKey(keys[index]);
    let at = 0;
    while (at < contexts.length && !(key in valuesOf(contexts[at]))) at++;
    if (at < contexts.length) picked[key] = valuesOf(contexts[at])[key];
  }
  return picked;
}

/** Calls the function that returns the initial values of a call. */
function valuesOfCall(values, self, args) {
  const own = apply(values, self, args);
  if (own === undefined || (typeof own === 'object' && own !== null && !isPromise(own))) return own;
  throw invalidType('What values() returned', 'an object or undefined', own);
}

/** A named, independent family of contexts. Created by `createNamespace(name)`. */
class Namespace {
  static {
    slotOf = (namespace) => namespace.#slot;
    isNamespace = (value) => typeof value === 'object' && value !== null && #slot in value;
  }

  #name;
  #slot;
  #default;
  #isStrict;

  /**
   * @param {symbol} key kRegister, so that only this package can call the constructor
   * @param {string} name
   * @param {boolean} isStrict whether `set` throws outside a context
   */
  constructor(key, name, isStrict) {
    if (key !== kRegister) {
      const message = 'Use createNamespace(name) to create a Namespace, not new';
      throw withCode(new TypeError(message), 'ERR_ILLEGAL_CONSTRUCTOR');
    }
    this.#name = name;
    this.#slot = new Slot(name, this);
    this.#default = new Context(kCreate, this.#slot, 0, new Values(), false);
    this.#isStrict = isStrict;
    engine.prepare();
    observeUncaught();
  }

  get name() {
    return this.#name;
  }

  /** The active context; outside any context, the default one. */
  get active() {
    return this.#contextOf(frameOf(engine.current(), this.#slot));
  }

  /**
   * An AbortSignal that aborts as soon as the active context or one that encloses it does, with its reason; the same each time.
   * Outside of contexts, one that never aborts.
   */
  get signal() {
    return activeSignal(frameOf(engine.current(), this.#slot), lifetimeOf);
  }

  /**
   * Creates a context without entering it: use its `run`, `enter` or `bind`.
   * @param {object} [values] initial values: the own enumerable properties are copied
   * @param {object} [options]
   * @param {boolean} [options.root] whether nothing of the namespace encloses the context, wherever it is entered
   * @param {number} [options.timeout] milliseconds until its signal is aborted with a TimeoutError, unless it has ended
   * @returns {Context}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if `values` or an option has the wrong type
   * @throws {RangeError} with code ERR_OUT_OF_RANGE if the timeout is not 0 to 2^31-1
   */
  createContext(values, options) {
    if (options === undefined) return this.#create(values, false);
    const { root, timeout } = contextOptions(options);
    return this.#create(values, root, timeout);
  }

  #create(values, isRoot, timeout = undefined) {
    const own = new Values();
    let mayHaveUndefined = false;
    if (values !== undefined) {
      if (typeof values !== 'object' || values === null) throw invalidType('values', 'an object', values);
      mayHaveUndefined = copyValues(values, own);
    }
    const context = new Context(kCreate, this.#slot, this.#slot.countCreated(), own, isRoot);
    if (values !== undefined) noteValues(context, mayHaveUndefined);
    if (timeout !== undefined) lifetimeOf(context).startTimer(timeout);
    if (createChannel.hasSubscribers) createChannel.publish({ context });
    return context;
  }

  /**
   * Sets a value of the active context.
   * @param {string | symbol | number} key a number means its string
   * @param {unknown} value
   * @returns {unknown} the value
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for any other key
   * @throws {Error} with code ERR_CONTEXT_NOT_ACTIVE if the namespace is strict and only the default context is active
   */
  set(key, value) {
    const context = this.active;
    if (this.#isStrict && context === this.#default) {
      const message =
        `No context of the strict namespace '${this.#name}' is active, so '${String(toKey(key))}' would be shared by all code ` +
        `outside contexts. Set it in namespace.run() or context.run(), or share it deliberately with namespace.active.set()`;
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ACTIVE');
    }
    return context.set(key, value);
  }

  /**
   * Looks a value up: in the active context, then in the contexts that enclose it, then in the default context.
   * @param {string | symbol | number} key
   * @returns {unknown} the innermost value that was set, even if it is undefined; undefined if there is none
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  get(key) {
    const name = typeof key === 'string' ? key : toKey(key);
    let frame = frameOf(engine.current(), this.#slot);
    // An entered default context hides the contexts around it.
    while (frame !== undefined && frame.context !== this.#default) {
      const { context } = frame;
      const value = valuesOf(context)[name];
      if (value !== undefined || hasUndefined(context, name)) return value;
      frame = frame.enclosing;
    }
    return valuesOf(this.#default)[name];
  }

  /**
   * Exposes keys to observers on other threads, such as the watchdog. From now on, values set under these keys are copied to
   * native memory: strings, numbers, booleans and bigints as at most 128 bytes of text, other values as their type. Nothing is
   * exposed by default; writes to `bag` are not seen; default contexts have no labels.
   * @param {...(string | symbol | number)} keys
   * @returns {this}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for any other key
   * @throws {RangeError} with code ERR_OUT_OF_RANGE for more than 32 keys in one namespace
   */
  expose(...keys) {
    const names = safeArray();
    for (let index = 0; index < keys.length; index++) names[index] = toKey(keys[index]);
    if (!this.#slot.expose(names)) {
      const message = `A namespace can expose at most 32 keys, and '${this.#name}' would expose more. Expose only those that identify the work`;
      throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
    }
    return this;
  }

  /** Whether a context other than the default one is active. */
  isActive() {
    return this.active !== this.#default;
  }

  /**
   * The values that `get` can find.
   * @param {...(string | symbol | number)} keys those to return; all if there are none
   * @returns {object} a new object without a prototype; inner values override outer ones. It lacks keys that have no value
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for any other key
   */
  toObject(...keys) {
    const contexts = safeArray();
    let frame = frameOf(engine.current(), this.#slot);
    while (frame !== undefined && frame.context !== this.#default) {
      contexts[contexts.length] = frame.context;
      frame = frame.enclosing;
    }
    contexts[contexts.length] = this.#default;
    if (keys.length > 0) return pick(contexts, keys);
    const all = Object.create(null);
    for (let index = contexts.length - 1; index >= 0; index--) copyValues(valuesOf(contexts[index]), all);
    return all;
  }

  /**
   * Calls a function in a new context, see `Context.run`: `run(callback, ...args)` or `run(values, callback, ...args)`.
   * @param {Function | object} callback its `this` is the context; or initial values, before the callback
   * @param {...unknown} args for the callback
   * @returns {unknown} the callback's result; see `Context.run` for promises
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function, or the values are not an object
   */
  run(callback, ...args) {
    if (typeof callback !== 'function' && args.length > 0) return this.#runWith(callback, args);
    checkCallback(callback);
    const context = this.#create(undefined, false);
    return new ContextCall(lifetimeOf(context), CALLER, context).call(callback, args);
  }

  #runWith(values, args) {
    const callback = args[0];
    checkCallback(callback);
    const context = this.#create(values, false);
    return new ContextCall(lifetimeOf(context), CALLER, context).call(callback, apply(slice, args, [1]));
  }

  /**
   * Makes each call of a function a unit of work: it runs in a new root context, which emits `end` afterwards, see `Context.run`.
   * @template {Function} F
   * @param {F} callback gets its caller's `this` and arguments
   * @param {(...args: Parameters<F>) => object | undefined} [values] called first, by the same caller and with the same `this` and
   *   arguments: returns initial values. If it throws, nothing was entered
   * @returns {F} has the name and length of the callback
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if an argument is not a function. The returned function throws it if
   *   `values` returns anything but an object or undefined
   */
  wrap(callback, values) {
    checkCallback(callback);
    if (values !== undefined && typeof values !== 'function') throw invalidType('values', 'a function', values);
    const create = (own) => this.#create(own, true);
    function wrapped(...args) {
      const context = create(values === undefined ? undefined : valuesOfCall(values, this, args));
      return new ContextCall(lifetimeOf(context), CALLER, this).call(callback, args);
    }
    return copyNameAndLength(wrapped, callback);
  }

  /**
   * Binds a function to the active context, see `Context.bind`.
   * @template {Function} F
   * @param {F} callback
   * @returns {F}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  bind(callback) {
    return this.active.bind(callback);
  }

  /**
   * Returns the context that an error was thrown in.
   * @param {unknown} error
   * @returns {Context | undefined} the context active in this namespace where the error left `run` or a bound function, thrown
   *   or as a rejection. While a handler of `uncaughtException` or `unhandledRejection` runs, also the context in which the error
   *   happened that it handles. Otherwise undefined
   */
  fromException(error) {
    const known = recall(error);
    if (known !== undefined) return this.#contextOf(frameOf(known.snapshot, this.#slot));
    const uncaught = recallUncaught(error);
    return uncaught && frameOf(uncaught.snapshot, this.#slot)?.context;
  }

  #contextOf(frame) {
    return frame === undefined ? this.#default : frame.context;
  }

  [inspect.custom](depth, options) {
    return options.stylize(`Namespace '${this.#name}'`, 'special');
  }
}

module.exports = { Namespace, isNamespace, kRegister, slotOf };
