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

/** What registry.js shows to make a namespace. */
const kRegister = Symbol('context.register');

/**
 * A namespace's slot in the core.
 *
 * @type {(namespace: Namespace) => Slot}
 */
let slotOf;

/** A named, independent family of contexts. Made by `createNamespace(name)` alone. */
class Namespace {
  static {
    slotOf = (namespace) => namespace.#slot;
  }

  #name;
  #slot;
  #default;
  #isStrict;

  /**
   * @param {symbol} key that only this package has
   * @param {string} name
   * @param {boolean} isStrict whether `set` needs a context other than the default one
   */
  constructor(key, name, isStrict) {
    if (key !== kRegister) {
      const message = 'A Namespace is made by createNamespace(name), not with new';
      throw withCode(new TypeError(message), 'ERR_ILLEGAL_CONSTRUCTOR');
    }
    this.#name = name;
    this.#slot = new Slot(name, this);
    this.#default = new Context(kCreate, this.#slot, 0, new Values());
    this.#isStrict = isStrict;
    engine.prepare();
  }

  /** The name it was created with. */
  get name() {
    return this.#name;
  }

  /** The active context; the default context if there is no other. */
  get active() {
    return this.#contextOf(frameOf(engine.current(), this.#slot));
  }

  /**
   * Makes a context, without entering it: its `run`, `enter` and `bind` do that.
   *
   * @param {object} [values] its first values: the own enumerable properties of the object
   * @returns {Context}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the values are no object
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
   *
   * @param {string | symbol | number} key a number stands for its string
   * @param {unknown} value
   * @returns {unknown} the value
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for any other key
   * @throws {Error} with code ERR_CONTEXT_NOT_ACTIVE if the namespace is strict and no context but the default one is active
   */
  set(key, value) {
    const context = this.active;
    if (this.#isStrict && context === this.#default) {
      const message =
        `No context of the namespace '${this.#name}' is active, and it is strict: '${String(toKey(key))}' would be set for all. ` +
        `Set it in namespace.run() or context.run(), or what all may see by namespace.active.set()`;
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ACTIVE');
    }
    return context.set(key, value);
  }

  /**
   * Looks a value up, from the active context outwards through those that enclose it, the default context last.
   *
   * @param {string | symbol | number} key
   * @returns {unknown} the value of the first one in which it was set, if to undefined; undefined if there is none
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  get(key) {
    const name = typeof key === 'string' ? key : toKey(key);
    let frame = frameOf(engine.current(), this.#slot);
    // If the default context was entered, it hides all others.
    while (frame !== undefined && frame.context !== this.#default) {
      const { context } = frame;
      const value = valuesOf(context)[name];
      if (value !== undefined || hasUndefined(context, name)) return value;
      frame = frame.enclosing;
    }
    return valuesOf(this.#default)[name];
  }

  /**
   * Has the values of keys copied to native memory when they are set on a context, from here on, so that what watches this
   * thread from outside can tell them: strings, numbers, booleans and bigints as text of 128 bytes at most, of other values their
   * type. Nothing is exposed before. What is written to a `bag` is not seen; default contexts have no labels.
   *
   * @param {...(string | symbol | number)} keys
   * @returns {this}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for any other key
   * @throws {RangeError} with code ERR_OUT_OF_RANGE if the namespace would expose more than 32 keys
   */
  expose(...keys) {
    const names = safeArray();
    for (let index = 0; index < keys.length; index++) names[index] = toKey(keys[index]);
    if (!this.#slot.expose(names)) {
      const message = `A namespace exposes 32 keys at most, and '${this.#name}' would expose more. Expose those that tell whose work it is`;
      throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
    }
    return this;
  }

  /** Whether a context other than the default one is active. */
  isActive() {
    return this.active !== this.#default;
  }

  /**
   * All that `get` would find.
   *
   * @returns {object} a new one without a prototype; values of inner contexts take the place of those of outer ones
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
   *
   * @param {Function} callback its `this` is the context
   * @param {...unknown} args for the callback
   * @returns {unknown} what the callback returns; see `Context.run` for promises
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(callback, ...args) {
    checkCallback(callback);
    const context = this.createContext();
    return new ContextCall(lifetimeOf(context), CALLER, context).call(callback, args);
  }

  /**
   * Binds a function to what is active in this namespace now, see `Context.bind`.
   *
   * @template {Function} F
   * @param {F} callback
   * @returns {F}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  bind(callback) {
    return this.active.bind(callback);
  }

  /**
   * Tells in which context an error was thrown.
   *
   * @param {unknown} error
   * @returns {Context | undefined} the context that was active in this namespace where the error came out of `run` or of a
   *   bound function, thrown or as the rejection of a promise; undefined if it did not
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
