'use strict';

const EventEmitter = require('node:events');

const engine = require('../engine');
const { TotalCall, enterCall, leaveCall } = require('../engine/call');
const { enter, frameOf, withFrame } = require('../frames/snapshot');
const { withCode } = require('../util/errors');
const { endChannel } = require('./diagnostics');
const { Ending } = require('./ending');
const { watch } = require('./values');

const { apply } = Reflect;
const { emit, listenerCount } = EventEmitter.prototype;

const DEFAULT = 0;

function isStackOverflow(error) {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}

/** Rethrows an error as an uncaught exception. */
function throwUncaught(error) {
  process.nextTick(() => {
    throw error;
  });
}

/** What each observer stores per context. */
class ObserverState {
  usage = undefined;
  profiler = undefined;
}

Object.setPrototypeOf(ObserverState.prototype, null);

/** A context's life, from its first entry to its end: frames, pending calls, and `end`. */
class Lifetime {
  /**
   * @param {Context} context
   * @param {Slot} slot of its namespace
   * @param {number} serial number in the namespace; 0 for the default context
   * @param {boolean} isRoot whether nothing of the namespace encloses it
   */
  constructor(context, slot, serial, isRoot) {
    this.context = context;
    this.slot = slot;
    this.serial = serial;
    this.isRoot = isRoot;

    /** Native copies of exposed values; undefined until a value is set on an exposed key. */
    this.labels = undefined;

    /** How many calls still have to emit `end`. */
    this.pendingEnds = 0;

    this.hasEnded = false;

    /** Set by `endWith`: emits `end` instead of the calls. */
    this.ending = undefined;

    /** Created when an observer first sees the context. */
    this.observerState = undefined;
  }

  get isDefault() {
    return this.serial === DEFAULT;
  }

  /** Whether a frame belongs to the context. No frame (undefined) belongs to the default context. */
  ownsFrame(frame) {
    return frame === undefined ? this.serial === DEFAULT : frame.context === this.context;
  }

  /** Enters the context in a frame and returns the resulting snapshot. */
  entered(snapshot, enclosingFrame, entry) {
    const labels = this.labels === undefined ? 0 : this.labels.number;
    const enclosing = this.isRoot ? undefined : enclosingFrame;
    return enter(snapshot, this.slot, this.context, this.serial, enclosing, entry, labels);
  }

  /** The innermost frame of the context in a frame and those that enclose it. */
  frameIn(frame) {
    let at = frame;
    while (at !== undefined && at.context !== this.context) at = at.enclosing;
    return at;
  }

  /** Whether a frame is inside a call of this context that has yet to emit `end`. */
  isEndPendingIn(frame) {
    if (this.pendingEnds === 0) return false;
    for (let at = frame; at !== undefined; at = at.enclosing) {
      if (at.context === this.context && at.entry !== undefined && at.entry.emitsEnd) return true;
    }
    return false;
  }

  /** See `Context.endWith`. */
  endWith(target) {
    const { name } = this.slot.namespace;
    if (this.isDefault) {
      const message =
        `The default context of the namespace '${name}' never ends; call endWith() on a context from ` +
        `createContext() or run()`;
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ACTIVE');
    }
    if (this.hasEnded) {
      const message = `This context of the namespace '${name}' has already ended; call endWith() earlier`;
      throw withCode(new Error(message), 'ERR_CONTEXT_ENDED');
    }
    const ending = this.ending ?? new Ending(this.#emitsOutside());
    ending.add(target);
    this.ending = ending;
  }

  /** See `Context.end`. */
  end() {
    if (this.isDefault || (this.ending !== undefined && this.hasEnded)) return;
    this.ending?.cancel();
    this.#emitEnd();
  }

  /** Returns a function that emits `end` in the contexts that enclose this one now. */
  #emitsOutside() {
    const snapshot = engine.current();
    const activeFrame = frameOf(snapshot, this.slot);
    let frame = activeFrame;
    while (frame !== undefined && frame.context !== this.context) frame = frame.enclosing;
    const outsideFrame = frame === undefined ? activeFrame : frame.enclosing;
    const outsideSnapshot = withFrame(snapshot, this.slot, outsideFrame);
    return () => {
      const emission = new TotalCall(engine.current(), outsideSnapshot);
      enterCall(emission);
      try {
        this.#emitEnd();
      } catch (error) {
        throwUncaught(error);
      }
      leaveCall(emission);
    };
  }

  /** Emits the `end` of a call. Contexts that its listeners enter in this namespace are left afterwards. */
  endCall(call) {
    const { callerFrame, callerSnapshot } = call;
    call.emitsEnd = false;
    call.release();
    this.pendingEnds--;
    if (this.ending !== undefined) return;
    let hadListeners = true;
    try {
      hadListeners = this.#emitEnd();
    } finally {
      if (hadListeners) {
        const now = engine.current();
        if (now !== callerSnapshot) engine.set(withFrame(now, this.slot, callerFrame));
      }
    }
  }

  /**
   * Ends a call that has no caller to throw to.
   * @param {ContextCall} call
   * @param {unknown} [thrown] the error that the call threw
   */
  endCallDetached(call, thrown = undefined) {
    try {
      this.endCall(call);
    } catch (error) {
      // On a full stack, emitting `end` fails with the same error again.
      if (!(isStackOverflow(thrown) && isStackOverflow(error))) throwUncaught(error);
    }
  }

  /** Ends a call from a later callback. */
  endCallLater(call) {
    if (!this.#isHeard()) {
      // No listener runs, so the active snapshot doesn't matter.
      this.endCallDetached(call);
      return;
    }
    const emission = new TotalCall(engine.current(), call.callerSnapshot);
    enterCall(emission);
    this.endCallDetached(call);
    leaveCall(emission);
  }

  /** Whether emitting `end` may run application code. */
  #isHeard() {
    const { context } = this;
    try {
      return endChannel.hasSubscribers || context.emit !== emit || apply(listenerCount, context, ['end']) !== 0;
    } catch {
      // A getter of the application threw.
      return true;
    }
  }

  /** Emits `end` and counts it. Returns whether there was a listener or subscriber. */
  #emitEnd() {
    const { context } = this;
    this.hasEnded = true;
    this.slot.countEnded();
    const isWatched = endChannel.hasSubscribers;
    try {
      if (isWatched) endChannel.publish({ context });
      return context.emit('end') || isWatched;
    } finally {
      if (watch.onValues !== undefined) watch.onValues(context);
    }
  }
}

// Assignments in the constructor must bypass setters that the application may put on Object.prototype.
Object.setPrototypeOf(Lifetime.prototype, null);

module.exports = { Lifetime, ObserverState };
