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

/** What each observer knows of a context. */
class ObserverState {
  usage = undefined;
  profiler = undefined;
}

Object.setPrototypeOf(ObserverState.prototype, null);

/** A context's life, from its first entry to its end: what is entered, which calls are pending, and what emits `end`. */
class Lifetime {
  /**
   * @param {Context} context
   * @param {Slot} slot of its namespace
   * @param {number} serial the context's serial number in the namespace; 0 for its default context
   */
  constructor(context, slot, serial) {
    this.context = context;
    this.slot = slot;
    this.serial = serial;

    /** Copies of the values that the namespace exposes; undefined if it exposed none when one was set. */
    this.labels = undefined;

    /** How many calls have their `end` still before them. */
    this.pendingEnds = 0;

    /** Whether `end` was emitted. */
    this.hasEnded = false;

    /** What emits `end` in place of the calls, once `endWith` was called. */
    this.ending = undefined;

    /** What observers know of the context; undefined if none has seen it. */
    this.observerState = undefined;
  }

  get isDefault() {
    return this.serial === DEFAULT;
  }

  /** Whether a frame is one of the context; no frame is the default context's. */
  ownsFrame(frame) {
    return frame === undefined ? this.serial === DEFAULT : frame.context === this.context;
  }

  /** The snapshot in which the context is active inside a frame. */
  entered(snapshot, enclosingFrame, entry) {
    const labels = this.labels === undefined ? 0 : this.labels.number;
    return enter(snapshot, this.slot, this.context, this.serial, enclosingFrame, entry, labels);
  }

  /** Whether a frame is inside a call of the context whose `end` is pending. */
  isEndPendingIn(frame) {
    if (this.pendingEnds === 0) return false;
    for (let at = frame; at !== undefined; at = at.enclosing) {
      if (at.context === this.context && at.entry !== undefined && at.entry.emitsEnd) return true;
    }
    return false;
  }

  /** Has the end come with a target, see `Context.endWith`. */
  endWith(target) {
    const { name } = this.slot.namespace;
    if (this.isDefault) {
      const message =
        `The default context of the namespace '${name}' never ends; endWith() is for a context that was ` +
        `made by createContext() or run()`;
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ACTIVE');
    }
    if (this.hasEnded) {
      const message = `This context of the namespace '${name}' has ended; call endWith() before that`;
      throw withCode(new Error(message), 'ERR_CONTEXT_ENDED');
    }
    const ending = this.ending ?? new Ending(this.#emitsOutside());
    ending.add(target);
    this.ending = ending;
  }

  /** Ends now, see `Context.end`. */
  end() {
    if (this.isDefault || (this.ending !== undefined && this.hasEnded)) return;
    this.ending?.cancel();
    this.#emitEnd();
  }

  /** A function that emits `end` in what encloses the context now. */
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

  /** Ends a call: emits its `end`. Listeners are inside the call: what they enter in its namespace is left. */
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
   * Ends a call if there is no caller for an error of a listener.
   *
   * @param {ContextCall} call
   * @param {unknown} [thrown] what the call was left by
   */
  endCallDetached(call, thrown = undefined) {
    try {
      this.endCall(call);
    } catch (error) {
      // There may be no room on the stack for emitting anything: that is the same error once more.
      if (!(isStackOverflow(thrown) && isStackOverflow(error))) throwUncaught(error);
    }
  }

  /** Ends a call from another callback. */
  endCallLater(call) {
    if (!this.#isHeard()) {
      // Nobody can see what is active.
      this.endCallDetached(call);
      return;
    }
    const emission = new TotalCall(engine.current(), call.callerSnapshot);
    enterCall(emission);
    this.endCallDetached(call);
    leaveCall(emission);
  }

  /** Whether code of others may run when the context emits `end`. */
  #isHeard() {
    const { context } = this;
    try {
      return endChannel.hasSubscribers || context.emit !== emit || apply(listenerCount, context, ['end']) !== 0;
    } catch {
      // A getter of the application.
      return true;
    }
  }

  /** Counts and emits an `end`. Returns whether anybody heard it. */
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

// The application may put setters on Object.prototype; an assignment in the constructor must not run into them.
Object.setPrototypeOf(Lifetime.prototype, null);

module.exports = { Lifetime, ObserverState };
