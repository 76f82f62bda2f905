'use strict';

const EventEmitter = require('node:events');
const { inspect } = require('node:util');

const { addTo, removeFrom } = require('../emitters/added-emitters');
const engine = require('../engine');
const { TotalCall, enterCall, leaveCall } = require('../engine/call');
const { deleteLabel, makeLabels, setLabel } = require('../frames/labels');
const { enter, frameOf, restack, withFrame } = require('../frames/snapshot');
const { withCode } = require('../util/errors');
const { checkCallback, copyNameAndLength } = require('../util/functions');
const { isPlainPromise, observeSettlement } = require('../util/promise');
const { ContextCall, Follower } = require('./context-call');
const { endChannel, log, logs } = require('./diagnostics');
const { Ending } = require('./ending');
const { rememberRejected, rememberThrown } = require('./error-origins');
const { inspectValues } = require('./inspect');
const { asBag, toKey } = require('./values');

const { apply } = Reflect;
const { emit, listenerCount } = EventEmitter.prototype;

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
 * What a context has used of the loop, if somebody counts that: see lib/observing/usage/tally.js.
 *
 * @type {(context: Context) => Account | undefined}
 */
let accountOf;

/** @type {(context: Context, account: Account) => void} */
let setAccount;

/**
 * What is known of a context's labels, if it is profiled: see lib/observing/profiler/owners.js.
 *
 * @type {(context: Context) => Owner | undefined}
 */
let knownOf;

/** @type {(context: Context, known: Owner) => void} */
let setKnown;

/** Who is called with a context whose values may have changed; undefined if nobody has to be. */
let valuesObserver;

/**
 * Has a function called with each context whose values are set or deleted, whose bag is handed out, or that has ended, listeners of
 * `end` included, and after that.
 *
 * @param {((context: Context) => void) | undefined} callback which must not throw; undefined for none. One at a time
 */
function observeValues(callback) {
  valuesObserver = callback;
}

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

/**
 * The steps of a call in a context, for `run`, bound functions and `namespace.run`: begin, the function itself, leaveCall, and
 * then finish or fail. The three spell them out: a function that did it for them would double what a nested call takes of the
 * stack; and a call is left by a shorter way than it is entered.
 */
let beginRun;
let beginBound;
let observeCall;
let failCall;
let finishCall;

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
    serialOf = (context) => context.#serial;
    accountOf = (context) => context.#account;
    setAccount = (context, account) => (context.#account = account);
    knownOf = (context) => context.#known;
    setKnown = (context, known) => (context.#known = known);
    hasUndefined = (context, name) => context.#mayHaveUndefined && name in context.#values;
    noteValues = (context, mayHaveUndefined) => {
      context.#mayHaveUndefined = mayHaveUndefined;
      if (context.#labels !== undefined) Context.#labelAll(context);
    };
    beginRun = (context) => {
      const callerSnapshot = engine.current();
      const callerFrame = frameOf(callerSnapshot, context.#slot);
      return Context.#begin(context, Context.#plan(context, callerSnapshot, callerFrame, callerFrame));
    };
    beginBound = (context, bindFrame) => {
      const callerSnapshot = engine.current();
      const callerFrame = frameOf(callerSnapshot, context.#slot);
      return Context.#begin(context, Context.#plan(context, callerSnapshot, callerFrame, bindFrame));
    };
    observeCall = (context, call, promise) => Context.#observe(context, call, promise);
    failCall = (context, call, thrownSnapshot, error) => Context.#fail(context, call, thrownSnapshot, error);
    finishCall = (context, call) => Context.#finish(context, call);
  }

  #slot;
  #serial;
  #values;

  /** Whether a value may be set to undefined. If not, reading it tells whether it is set: half the price of asking. */
  #mayHaveUndefined = false;

  /** Copies of the values that the namespace exposes; undefined if it exposed none when one was set. */
  #labels = undefined;

  /** How many calls have their `end` still before them. */
  #pendingEnds = 0;

  /** Whether `end` was emitted. */
  #ended = false;

  /** What it has used of the loop, if somebody counts that. */
  #account = undefined;

  /** What is known of its labels, if it is profiled. */
  #known = undefined;

  /** What emits `end` in place of the calls, once `endWith` was called. */
  #ending = undefined;

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
    this.#slot = slot;
    this.#serial = serial;
    this.#values = values;
    if (slot.exposed !== undefined) Context.#addLabels(this);
  }

  /** The namespace that this context belongs to. */
  get namespace() {
    return this.#slot.namespace;
  }

  /** Whether `end` was emitted. */
  get ended() {
    return this.#ended;
  }

  /** This context's own values: an object without a prototype. */
  get bag() {
    // Whoever has it may set anything.
    this.#mayHaveUndefined = true;
    const bag = asBag(this.#values);
    if (valuesObserver !== undefined) valuesObserver(this);
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
    if (this.#slot.exposed !== undefined) Context.#label(this, name, value);
    if (valuesObserver !== undefined) valuesObserver(this);
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
    if (isDeleted && this.#labels !== undefined) Context.#unlabel(this, name);
    if (isDeleted && valuesObserver !== undefined) valuesObserver(this);
    return isDeleted;
  }

  /**
   * Makes this the active context: for the rest of the running callback and all that is started in it.
   *
   * @returns {Disposable} for `using`: leaves the context at the end of the block, if it is still entered. If it was active
   *   before, nothing is entered, and nothing left
   */
  enter() {
    const snapshot = engine.current();
    const activeFrame = frameOf(snapshot, this.#slot);
    if (Context.#isFrameOf(this, activeFrame)) return new Scope(undefined);
    if (logs) log('enter', this);
    const scope = new Scope((entry) => Context.#leaveScope(this, entry));
    const entered = Context.#entered(this, snapshot, activeFrame, scope);
    this.#slot.countEntered(entered.frame);
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
    const activeFrame = frameOf(snapshot, this.#slot);
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
    const call = beginRun(this);
    let result;
    try {
      result = apply(callback, this, args);
      if (isPlainPromise(result)) result = observeCall(this, call, result);
    } catch (error) {
      failCall(this, call, leaveCall(call), error);
      throw error;
    }
    leaveCall(call);
    finishCall(this, call);
    return result;
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
    const bindFrame = frameOf(engine.current(), this.#slot);
    function bound(...args) {
      const call = beginBound(context, bindFrame);
      let result;
      try {
        result = apply(callback, this ?? context, args);
        if (isPlainPromise(result)) result = observeCall(context, call, result);
      } catch (error) {
        failCall(context, call, leaveCall(call), error);
        throw error;
      }
      leaveCall(call);
      finishCall(context, call);
      return result;
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
    return addTo(emitter, this.#slot, this, () => {
      const snapshot = engine.current();
      const activeFrame = frameOf(snapshot, this.#slot);
      if (Context.#isFrameOf(this, activeFrame)) return activeFrame;
      return Context.#entered(this, undefined, activeFrame, undefined).frame;
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
    return removeFrom(emitter, this.#slot, this);
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
    if (this.#serial === DEFAULT) {
      const message =
        `The default context of the namespace '${this.namespace.name}' never ends; endWith() is for a context that was ` +
        `made by createContext() or run()`;
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ACTIVE');
    }
    if (this.#ended) {
      const message = `This context of the namespace '${this.namespace.name}' has ended; call endWith() before that`;
      throw withCode(new Error(message), 'ERR_CONTEXT_ENDED');
    }
    const ending = this.#ending ?? new Ending(Context.#endingOf(this));
    ending.add(target);
    this.#ending = ending;
    return this;
  }

  /** Emits `end`. After `endWith` it does so once, and the targets no longer matter. The default context never emits it. */
  end() {
    if (this.#serial === DEFAULT || (this.#ending !== undefined && this.#ended)) return;
    this.#ending?.cancel();
    Context.#end(this);
  }

  // What follows is static because a private method of instances would put a mark on each of them.

  /** Gives a context its labels. A default context has none: it is not what anybody works for. */
  static #addLabels(context) {
    if (context.#serial === DEFAULT) return;
    try {
      context.#labels = makeLabels();
    } catch {
      // No memory for a page of them: the context goes without.
    }
  }

  /** Copies the values that were set before to the labels. */
  static #labelAll(context) {
    const keys = Reflect.ownKeys(context.#values);
    for (let at = 0; at < keys.length; at++) Context.#label(context, keys[at], context.#values[keys[at]]);
  }

  /** Copies a value to the labels, if its key is exposed. */
  static #label(context, key, value) {
    const index = context.#slot.exposed[key];
    if (index === undefined) return;
    if (context.#labels !== undefined) {
      setLabel(context.#labels, index, value);
      return;
    }
    // The keys were exposed after the context was made.
    Context.#addLabels(context);
    if (context.#labels !== undefined) Context.#labelAll(context);
  }

  static #unlabel(context, key) {
    const index = context.#slot.exposed[key];
    if (index !== undefined) deleteLabel(context.#labels, index);
  }

  /** Whether a frame is one of a context; no frame is the default context's. */
  static #isFrameOf(context, frame) {
    return frame === undefined ? context.#serial === DEFAULT : frame.context === context;
  }

  /** Takes a frame out of the active ones of its namespace. */
  static #takeOff(context, snapshot, activeFrame, frame) {
    if (logs) log('exit', context);
    engine.set(withFrame(snapshot, context.#slot, restack(activeFrame, frame, frame.enclosing)));
  }

  /** Leaves what `enter()` has entered, if it is still entered here. */
  static #leaveScope(context, scope) {
    const snapshot = engine.current();
    const activeFrame = frameOf(snapshot, context.#slot);
    let frame = activeFrame;
    while (frame !== undefined && frame.entry !== scope) frame = frame.enclosing;
    if (frame !== undefined) Context.#takeOff(context, snapshot, activeFrame, frame);
  }

  /** What emits the `end` of a context in what encloses it now. */
  static #endingOf(context) {
    const snapshot = engine.current();
    const activeFrame = frameOf(snapshot, context.#slot);
    let frame = activeFrame;
    while (frame !== undefined && frame.context !== context) frame = frame.enclosing;
    const outsideFrame = frame === undefined ? activeFrame : frame.enclosing;
    const outsideSnapshot = withFrame(snapshot, context.#slot, outsideFrame);
    return () => Context.#emitEndIn(context, outsideSnapshot);
  }

  /** Whether a frame is inside a call of a context whose `end` is pending. */
  static #endIsPendingIn(context, frame) {
    if (context.#pendingEnds === 0) return false;
    for (let at = frame; at !== undefined; at = at.enclosing) {
      if (at.context === context && at.entry !== undefined && at.entry.emitsEnd) return true;
    }
    return false;
  }

  /** The snapshot in which a context is active inside a frame. */
  static #entered(context, snapshot, enclosingFrame, call) {
    const labels = context.#labels === undefined ? 0 : context.#labels.number;
    return enter(snapshot, context.#slot, context, context.#serial, enclosingFrame, call, labels);
  }

  /**
   * Plans a call of a function in a context. Changes nothing.
   *
   * @param {Context} context
   * @param {Snapshot | undefined} callerSnapshot what is active
   * @param {Frame | undefined} callerFrame what is active in the namespace
   * @param {Frame | undefined} bindFrame the frame to nest in: `callerFrame`, or what was active when the function was bound
   * @returns {ContextCall} what it runs in, and whether an `end` is to follow
   */
  static #plan(context, callerSnapshot, callerFrame, bindFrame) {
    const call = new ContextCall(context.#slot, callerSnapshot, callerFrame);
    const isDefault = context.#serial === DEFAULT;
    call.emitsEnd =
      !isDefault &&
      context.#ending === undefined &&
      !Context.#endIsPendingIn(context, callerFrame) &&
      (bindFrame === callerFrame || !Context.#endIsPendingIn(context, bindFrame));
    const isAlreadyActive = Context.#isFrameOf(context, bindFrame);
    if (isAlreadyActive && !call.emitsEnd) {
      call.insideSnapshot = withFrame(callerSnapshot, context.#slot, bindFrame);
    } else {
      // The default context hides what is around it: a job that is detached in it keeps nothing of that alive.
      const enclosingFrame = isDefault ? undefined : isAlreadyActive ? bindFrame.enclosing : bindFrame;
      call.insideSnapshot = Context.#entered(context, callerSnapshot, enclosingFrame, call);
    }
    return call;
  }

  /** Performs what was planned, up to the function itself. If this throws, nothing has changed. */
  static #begin(context, call) {
    if (call.entersFrame) {
      if (logs) log('enter', context);
      context.#slot.countEntered(call.insideSnapshot.frame);
    }
    enterCall(call);
    if (call.emitsEnd) context.#pendingEnds++;
    return call;
  }

  /**
   * Follows the promise that a call returned, if an `end` is to come when it has settled. The context is active, as an unhandled
   * rejection belongs to it.
   *
   * @returns {Promise<unknown>} what the call returns: the promise itself, if nothing follows it. Whoever has that may have its
   *   rejection handled, and a promise that was derived from it would be reported. If a call within this one follows the promise,
   *   it is the one of that call: one promise is enough to follow it for both
   */
  static #observe(context, call, promise) {
    const inner = call.innerFollower;
    if (!call.emitsEnd || context.#ending !== undefined) {
      call.passOn(inner);
      return promise;
    }
    const follower = new Follower(context, call);
    if (inner !== undefined && inner.promise === promise) {
      inner.next = follower;
      follower.promise = promise;
    } else {
      const pass = (value) => {
        Context.#settle(follower);
        return value;
      };
      const fail = (reason) => {
        Context.#settle(follower, true, reason);
        throw reason;
      };
      follower.promise = observeSettlement(promise, pass, fail);
    }
    call.endWith(follower);
    return follower.promise;
  }

  /** Ends the calls that wait for a promise, the innermost first. */
  static #settle(innermostFollower, isRejected = false, reason = undefined) {
    for (let follower = innermostFollower; follower !== undefined; follower = follower.next) {
      const { call, context } = follower;
      // From here on nobody can join.
      follower.promise = undefined;
      const { insideSnapshot, rememberedCount, slot } = call;
      if (isRejected) rememberRejected(reason, insideSnapshot, rememberedCount, slot, frameOf(insideSnapshot, slot));
      Context.#emitEndLater(context, call);
    }
  }

  /** Ends a call that threw and was left. */
  static #fail(context, call, thrownSnapshot, error) {
    if (logs && call.entersFrame) log('exit', context);
    rememberThrown(error, thrownSnapshot, call.rememberedCount);
    if (call.emitsEnd) Context.#emitEndDetached(context, call, error);
    else call.release();
  }

  /** Ends a call that returned and was left. */
  static #finish(context, call) {
    if (logs && call.entersFrame) log('exit', context);
    if (call.follower !== undefined) {
      call.releaseLeft();
    } else if (call.emitsEnd) {
      Context.#emitEnd(context, call);
    } else {
      call.release();
    }
  }

  /** Emits the `end` of a call. Listeners are inside the call: what they enter in its namespace is left. */
  static #emitEnd(context, call) {
    const { callerFrame, callerSnapshot, slot } = call;
    call.emitsEnd = false;
    call.release();
    context.#pendingEnds--;
    if (context.#ending !== undefined) return;
    let hadListeners = true;
    try {
      hadListeners = Context.#end(context);
    } finally {
      if (hadListeners) {
        const now = engine.current();
        if (now !== callerSnapshot) engine.set(withFrame(now, slot, callerFrame));
      }
    }
  }

  /**
   * Emits the `end` of a call if there is no caller for an error of a listener.
   *
   * @param {Context} context
   * @param {Call} call
   * @param {unknown} [thrown] what the call was left by
   */
  static #emitEndDetached(context, call, thrown = undefined) {
    try {
      Context.#emitEnd(context, call);
    } catch (error) {
      // There may be no room on the stack for emitting anything: that is the same error once more.
      if (!(isStackOverflow(thrown) && isStackOverflow(error))) throwUncaught(error);
    }
  }

  /** Emits the `end` of a call from another callback. */
  static #emitEndLater(context, call) {
    if (!Context.#isHeard(context)) {
      // Nobody can tell what is active.
      Context.#emitEndDetached(context, call);
      return;
    }
    const emission = new TotalCall(engine.current(), call.callerSnapshot);
    enterCall(emission);
    Context.#emitEndDetached(context, call);
    leaveCall(emission);
  }

  /** Emits the `end` of a context in a snapshot, if there is no caller for an error of a listener. */
  static #emitEndIn(context, outsideSnapshot) {
    const emission = new TotalCall(engine.current(), outsideSnapshot);
    enterCall(emission);
    try {
      Context.#end(context);
    } catch (error) {
      throwUncaught(error);
    }
    leaveCall(emission);
  }

  /** Whether code of others may run when a context emits `end`. */
  static #isHeard(context) {
    try {
      return endChannel.hasSubscribers || context.emit !== emit || apply(listenerCount, context, ['end']) !== 0;
    } catch {
      // A getter of others' making.
      return true;
    }
  }

  /** Counts and emits an `end`, and says whether anybody was told. */
  static #end(context) {
    context.#ended = true;
    context.#slot.countEnded();
    const isWatched = endChannel.hasSubscribers;
    try {
      if (isWatched) endChannel.publish({ context });
      return context.emit('end') || isWatched;
    } finally {
      if (valuesObserver !== undefined) valuesObserver(context);
    }
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

module.exports = {
  Context,
  accountOf,
  beginRun,
  failCall,
  finishCall,
  hasUndefined,
  kCreate,
  knownOf,
  noteValues,
  observeCall,
  observeValues,
  serialOf,
  setAccount,
  setKnown,
  valuesOf,
};
