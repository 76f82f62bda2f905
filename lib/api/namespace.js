'use strict';

const { inspect } = require('node:util');

const engine = require('../engine');
const { Slot } = require('../frames/slot');
const { frameOf } = require('../frames/snapshot');
const { invalidType, withCode } = require('../util/errors');
const { checkCallback } = require('../util/functions');
const { safeArray } = require('../util/primordials');
const { Context, hasUndefined, kCreate, lifetimeOf, noteValues, valuesOf } = require('./context');
const { CALLER, ContextCall } = require('./context-call');
const { createChannel } = require('./diagnostics');
const { recall } = require('./error-origins');
const { Values, copyValues, toKey } = require('./values');

/** Passed by the registry to the Namespace constructor; anybody else gets an error. */
const kRegister = Symbol('context.register');

/** @type {(namespace: Namespace) => Slot} */
let slotOf;

/** A named, independent family of contexts. Created by `createNamespace(name)`. */
class Namespace {
  static {
    slotOf = (namespace) => namespace.#slot;
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
    this.#default = new Context(kCreate, this.#slot, 0, new Values());
    this.#isStrict = isStrict;
    engine.prepare();
  }

  get name() {
    return this.#name;
  }

  /** The active context; outside any context, the default one. */
  get active() {
    return this.#contextOf(frameOf(engine.current(), this.#slot));
  }

  /**
   * Creates a context without entering it: use its `run`, `enter` or `bind`.
   * @param {object} [values] initial values: the own enumerable properties are copied
   * @returns {Context}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if `values` is not an object
   */
  createContext(values) {
    const own = new Values();
    let mayHaveUndefined = false;
    if (values !== undefined) {
      if (typeof values !== 'object' || values === null) throw invalidType('values', 'an object', values);
      mayHaveUndefined = copyValues(values, own);
    }
    const context = new Context(kCreate, this.#slot, this.#slot.countCreated(), own);
    if (values !== undefined) noteValues(context, mayHaveUndefined);
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
   * All values that `get` can find.
   * @returns {object} a new object without a prototype; inner values override outer ones
   */
  toObject() {
    const contexts = safeArray();
    let frame = frameOf(engine.current(), this.#slot);
    while (frame !== undefined && frame.context !== this.#default) {
      contexts[contexts.length] = frame.context;
      frame = frame.enclosing;
    }
    const all = Object.create(null);
    copyValues(valuesOf(this.#default), all);
    for (let index = contexts.length - 1; index >= 0; index--) copyValues(valuesOf(contexts[index]), all);
    return all;
  }

  /**
   * Calls a function in a new context, see `Context.run`.
   * @param {Function} callback its `this` is the context
   * @param {...unknown} args for the callback
   * @returns {unknown} the callback's result; see `Context.run` for promises
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(callback, ...args) {
    checkCallback(callback);
    const context = this.createContext();
    return new ContextCall(lifetimeOf(context), CALLER, context).call(callback, args);
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
   *   or as a rejection; undefined if it did not
   */
  fromException(error) {
    const known = recall(error);
    return known && this.#contextOf(frameOf(known.snapshot, this.#slot));
  }

  #contextOf(frame) {
    return frame === undefined ? this.#default : frame.context;
  }

  [inspect.custom](depth, options) {
    return options.stylize(`Namespace '${this.#name}'`, 'special');
  }
}

module.exports = { Namespace, kRegister, slotOf };
