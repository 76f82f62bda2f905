'use strict';

const EventEmitter = require('node:events');
const { inspect } = require('node:util');

const { endChannel, log, logs } = require('./diagnostics');
const engine = require('./engine');
const { addTo } = require('./emitter');
const { withCode } = require('./errors');
const exceptions = require('./exceptions');
const { checkCallback, likened } = require('./functions');
const { inspectValues } = require('./inspect');
const { NONE, closed, isOpen, opened } = require('./open-entries');
const { follow, isPlainPromise } = require('./promise');
const { enter, frameOf, leave, rebase, withFrame, withoutCalls } = require('./snapshot');
const { Values, asBag, toKey } = require('./values');

const { apply } = Reflect;

/** What a namespace shows to make a context. */
const kCreate = Symbol('context.create');

/** The serial number of default contexts. */
const DEFAULT = 0;

function isStackOverflow(error) {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}

/** Throws an error where nobody catches it. */
function throwUncaught(error) {
  process.nextTick(() => {
    throw error;
  });
}

/**
 * A context's own values, for its namespace to look through.
 *
 * @type {(context: Context) => Values}
 */
let valuesOf;

/**
 * A context's serial number, for tests that compare what the core holds with what the API says.
 *
 * @type {(context: Context) => number}
 */
let serialOf;

/**
 * `context.run(callback, ...args)` with the arguments in an array.
 *
 * @type {(context: Context, callback: Function, args: unknown[]) => unknown}
 */
let runIn;

/**
 * The values of one unit of work: a request, a transaction, a job. Made by `namespace.createContext()` alone.
 *
 * Emits `end` when it is about to go out of scope: after `run` and after each call of a bound function.
 */
class Context {
  static {
    valuesOf = (context) => context.#values;
    serialOf = (context) => context.#serial;
    runIn = (context, callback, args) => Context.#run(context, callback, args);
  }

  #slot;
  #serial;
  #values = new Values();

  /** The entries of `run` and of bound functions that will emit `end`. */
  #open = NONE;

  /**
   * @param {symbol} key that only this package has
   * @param {Slot} slot of the context's namespace
   * @param {number} serial the context's serial number in the namespace; 0 for its default context
   */
  constructor(key, slot, serial) {
    if (key !== kCreate) {
      const message = 'A Context is made by namespace.createContext(), not with new';
      throw withCode(new TypeError(message), 'ERR_ILLEGAL_CONSTRUCTOR');
    }
    this.#slot = slot;
    this.#serial = serial;
  }

  /** The namespace that this context belongs to. */
  get namespace() {
    return this.#slot.namespace;
  }

  /** This context's own values: an object without a prototype. */
  get bag() {
    return asBag(this.#values);
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
    this.#values[toKey(key)] = value;
    return value;
  }

  /**
   * @param {string | symbol | number} key
   * @returns {unknown} this context's own value, never that of an enclosing one; undefined where it has none
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
    return name in this.#values && Reflect.deleteProperty(this.#values, name);
  }

  /** Makes this the active context: for the rest of the running callback and all that is started in it. */
  enter() {
    const before = engine.current();
    const active = frameOf(before, this.#slot);
    if (Context.#isFrameOf(this, active)) return;
    if (logs) log('enter', this);
    engine.set(Context.#enter(this, before, active, true, false));
  }

  /**
   * Takes this context off again. Where others of its namespace were entered on top of it, they stay.
   *
   * @throws {Error} with code ERR_CONTEXT_NOT_ENTERED where it is not entered here
   */
  exit() {
    const before = engine.current();
    const active = frameOf(before, this.#slot);
    let frame = active;
    while (frame !== undefined && frame.context !== this) frame = frame.enclosing;
    if (frame === undefined) {
      const message =
        `This context of the namespace '${this.namespace.name}' is not entered here; exit() undoes an enter() of the ` +
        `same callback, or of one that this one was started from`;
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ENTERED');
    }
    if (logs) log('exit', this);
    engine.set(withFrame(before, this.#slot, rebase(active, frame, frame.enclosing)));
  }

  /**
   * Calls a function in this context, then emits `end`: right away, or once the native promise that it returned has settled.
   *
   * @param {Function} callback its `this` is the context
   * @param {...unknown} args for the callback
   * @returns {unknown} what the callback returns; for a native promise, one with the same outcome
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE where the callback is not a function
   */
  run(callback, ...args) {
    checkCallback(callback);
    return Context.#run(this, callback, args);
  }

  /**
   * Binds a function to this context, nested as it is now: whoever calls it, whenever, runs it as `run` would here.
   *
   * @template {Function} F
   * @param {F} callback
   * @returns {F} a function with the name and the length of the callback. Its `this` is its caller's, else the context
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE where the callback is not a function
   */
  bind(callback) {
    checkCallback(callback);
    const context = this;
    const site = frameOf(engine.current(), this.#slot);
    function bound(...args) {
      const before = engine.current();
      return Context.#call(context, before, frameOf(before, context.#slot), site, callback, this ?? context, args);
    }
    return likened(bound, callback);
  }

  /**
   * Has every listener that is put on an emitter from now on run in this context, nested as it is now. They never make it
   * emit `end`.
   *
   * @template {EventEmitter} E
   * @param {E} emitter
   * @returns {E} the emitter
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE where it is not an emitter
   */
  add(emitter) {
    return addTo(emitter, this.#slot, this, () => {
      const before = engine.current();
      const active = frameOf(before, this.#slot);
      return Context.#isFrameOf(this, active) ? active : Context.#enter(this, before, active, true, true).frame;
    });
  }

  /** Emits `end`. The default context never does. */
  end() {
    if (this.#serial === DEFAULT) return;
    this.#slot.countEnded();
    if (endChannel.hasSubscribers) endChannel.publish({ context: this });
    this.emit('end');
  }

  // What follows is static because a private method of instances would put a mark on each of them.

  /** Whether a frame is one of a context; no frame is the default context's. */
  static #isFrameOf(context, frame) {
    return frame === undefined ? context.#serial === DEFAULT : frame.context === context;
  }

  /** Whether a frame is inside of an entry of a context that has not emitted its `end`. */
  static #isOpenIn(context, frame) {
    const open = context.#open;
    if (open === NONE) return false;
    for (let at = frame; at !== undefined; at = at.enclosing) {
      if (at.context === context && isOpen(open, at.entry)) return true;
    }
    return false;
  }

  /** The snapshot in which a context is active inside a frame. */
  static #enter(context, snapshot, enclosing, nests, isCall) {
    const slot = context.#slot;
    const entered = enter(snapshot, slot, context, context.#serial, enclosing, nests, isCall);
    slot.countEntered(entered.frame);
    return entered;
  }

  static #run(context, callback, args) {
    const before = engine.current();
    const outer = frameOf(before, context.#slot);
    return Context.#call(context, before, outer, outer, callback, context, args);
  }

  /**
   * Calls a function in a context.
   *
   * @param {Context} context
   * @param {Snapshot | undefined} before what is active
   * @param {Frame | undefined} outer what is active in the namespace
   * @param {Frame | undefined} site the frame to nest in: `outer`, or what was active when the function was bound
   */
  static #call(context, before, outer, site, callback, self, args) {
    const isDefault = context.#serial === DEFAULT;
    const ends = !isDefault && !Context.#isOpenIn(context, outer) && (site === outer || !Context.#isOpenIn(context, site));
    const again = Context.#isFrameOf(context, site);
    if (again && !ends && site === outer) return Context.#callAgain(context, before, site?.entry, callback, self, args);

    // The default context hides what is around it: a job that is detached in it keeps nothing of that alive.
    const around = again ? site?.enclosing : site;
    const enclosing = isDefault ? undefined : around;
    const inside = Context.#enter(context, before, enclosing, enclosing === outer, true);
    const { entry } = inside.frame;
    if (ends) context.#open = opened(context.#open, entry);
    if (logs) log('enter', context);
    const mark = exceptions.mark();
    engine.set(inside);
    let result;
    let place;
    try {
      result = apply(callback, self, args);
      if (isPlainPromise(result)) {
        place = { outside: undefined };
        // Made before this context is left, for an unhandled rejection belongs to it.
        const settled = ends ? () => Context.#endLater(context, entry, place.outside) : undefined;
        result = Context.#follow(context, result, inside, entry, settled);
      }
    } catch (error) {
      const now = engine.current();
      Context.#leave(context, before, outer, site, inside);
      exceptions.remember(error, now, context.#slot, entry, mark);
      if (ends) Context.#endBeside(context, entry, error);
      throw error;
    }
    Context.#leave(context, before, outer, site, inside);
    if (place !== undefined) place.outside = engine.current();
    else if (ends) Context.#endOf(context, entry);
    return result;
  }

  /** Calls a function in a context where that is active already and its `end` is another entry's, or nobody's. */
  static #callAgain(context, snapshot, entry, callback, self, args) {
    const mark = exceptions.mark();
    let result;
    try {
      result = apply(callback, self, args);
    } catch (error) {
      exceptions.remember(error, engine.current(), context.#slot, entry, mark);
      throw error;
    }
    return isPlainPromise(result) ? Context.#follow(context, result, snapshot, entry) : result;
  }

  /** A promise with the outcome of the one that a call returned, after `settled` was called. */
  static #follow(context, promise, snapshot, entry, settled = undefined) {
    const rejected = (error) => exceptions.remember(error, snapshot, context.#slot, entry, Infinity);
    return follow(promise, rejected, settled);
  }

  /** Takes the frame of a call off. */
  static #leave(context, before, outer, site, inside) {
    if (logs) log('exit', context);
    const now = engine.current();
    if (now === inside) {
      engine.set(before);
      return;
    }
    const slot = context.#slot;
    const { entry } = inside.frame;
    const clean = withoutCalls(now, entry);
    // Where the callback took it off by itself, a bound function, and what was detached, still have to get back.
    const gone = site === outer && context.#serial !== DEFAULT ? frameOf(clean, slot) : outer;
    engine.set(leave(clean, slot, entry, outer, gone));
  }

  /** Emits the `end` of an entry. */
  static #endOf(context, entry) {
    context.#open = closed(context.#open, entry);
    context.end();
  }

  /**
   * Emits the `end` of an entry where there is no caller for an error of a listener.
   *
   * @param {Context} context
   * @param {number} entry
   * @param {unknown} [thrown] what the entry was left by
   */
  static #endBeside(context, entry, thrown = undefined) {
    try {
      Context.#endOf(context, entry);
    } catch (error) {
      // There may be no room on the stack for emitting anything: that is the same error once more.
      if (!(isStackOverflow(thrown) && isStackOverflow(error))) throwUncaught(error);
    }
  }

  /** Emits the `end` of an entry from another callback. */
  static #endLater(context, entry, outside) {
    const now = engine.current();
    engine.set(outside);
    Context.#endBeside(context, entry);
    engine.set(now);
  }

  [inspect.custom](depth, options) {
    const title = `Context ${this.namespace.name}${this.#serial === DEFAULT ? ' (default)' : `#${this.#serial}`}`;
    return inspectValues(this, title, this.#values, depth, options);
  }
}

// What `extends EventEmitter` would give, but for the call of its constructor, which takes two thirds of the time of making a
// context: an emitter sets its state up with the first listener anyway.
Object.setPrototypeOf(Context, EventEmitter);
Object.setPrototypeOf(Context.prototype, EventEmitter.prototype);

module.exports = { Context, kCreate, runIn, serialOf, valuesOf };
