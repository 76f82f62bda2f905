'use strict';

const EventEmitter = require('node:events');

const engine = require('../engine');
const { Call, TotalCall, enterCall, leaveCall } = require('../engine/call');
const { enter, findFrame, frameOf, withFrame } = require('../frames/snapshot');
const { abortError } = require('../util/abort');
const { withCode } = require('../util/errors');
const { reserveLittleStack, reserveSomeStack } = require('../util/stack');
const { Cancellation } = require('./cancellation');
const { endChannel } = require('./diagnostics');
const { Ending } = require('./ending');
const { watch } = require('./values');

const { apply } = Reflect;
const { emit, listenerCount } = EventEmitter.prototype;

const DEFAULT = 0;

function isStackOverflow(error) {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}

/** Rethrows an error as an uncaught exception. A hook that overflows the stack would end the process. */
function throwUncaught(error) {
  reserveSomeStack();
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

    /** Whether its listeners of `end` are running: running the context in one emits no `end` again. */
    this.isEnding = false;

    /** Set by `endWith`: emits `end` instead of the calls. */
    this.ending = undefined;

    /** Its signal and deadline, from when they are first asked for. */
    this.cancellation = undefined;

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
    return findFrame(frame, this.context);
  }

  /** Whether a frame is inside a call of this context that has yet to emit `end`. */
  isEndPendingIn(frame) {
    if (this.pendingEnds === 0) return false;
    for (let at = frame; at !== undefined; at = at.enclosing) {
      if (at.context === this.context && at.entry !== undefined && at.entry.emitsEnd) return true;
    }
    return false;
  }

  /** See `Context.endWith`. `first` is called when the target is over, before the context ends: see `watch` in ending.js. */
  endWith(target, first) {
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
    const ending = this.ending ?? new Ending(this.#emitsInside());
    ending.add(target, first);
    ending.fail(this.cancellation?.failure);
    this.ending = ending;
  }

  /** What aborts the context. After `end` it never does. */
  cancellable() {
    if (this.cancellation === undefined) {
      this.cancellation = new Cancellation();
      if (this.hasEnded) this.cancellation.close();
    }
    return this.cancellation;
  }

  /** Aborts the context after a time. */
  startTimer(timeout) {
    this.cancellable().startTimer(this, timeout);
  }

  /** See `Context.abort`. */
  abort(reason) {
    if (this.isDefault) {
      const message =
        `The default context of the namespace '${this.slot.namespace.name}' can't be aborted; call abort() on a context from ` +
        `createContext() or run()`;
      throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ACTIVE');
    }
    if (this.hasEnded || this.cancellation?.failure !== undefined) return;
    const error = reason === undefined ? abortError() : reason;
    const failure = { error };
    const cancellation = this.cancellable();
    cancellation.reserveStack();
    this.ending?.fail(failure);
    cancellation.abort(failure);
  }

  /** See `Context.end`. */
  end() {
    if (this.isDefault || this.isEnding) return;
    if (this.ending === undefined) {
      this.#tryEmitEnd(undefined);
    } else if (!this.hasEnded) {
      reserveSomeStack();
      this.ending.end();
    }
  }

  /** Notes an error that left the context by a call that emits no `end`, after `endWith`. */
  noteThrown(error, callerFrame) {
    if (this.ending !== undefined && this.frameIn(callerFrame) === undefined) this.ending.fail({ error });
  }

  /** Returns a function that emits `end` in the context itself, nested as it is now. */
  #emitsInside() {
    const snapshot = engine.current();
    const activeFrame = frameOf(snapshot, this.slot);
    const ownFrame = this.frameIn(activeFrame);
    // What a root hides must not stay alive.
    const nested = this.isRoot ? withFrame(snapshot, this.slot, undefined) : snapshot;
    return (failure) => {
      if (this.hasEnded) return;
      if (!this.#isHeard()) {
        this.#tryEmitEnd(failure);
        return;
      }
      const inside =
        ownFrame === undefined
          ? this.entered(nested, frameOf(nested, this.slot), undefined)
          : withFrame(nested, this.slot, ownFrame);
      this.#emitEndIn(new TotalCall(engine.current(), inside), failure);
    };
  }

  /**
   * Emits the `end` of a call. Contexts that its listeners enter in this namespace are left afterwards.
   * @param {ContextCall} call
   * @param {{ error: unknown } | undefined} failure what the call threw
   */
  endCall(call, failure) {
    const { callerFrame, callerSnapshot } = call;
    call.emitsEnd = false;
    call.release();
    this.pendingEnds--;
    if (this.ending !== undefined) {
      this.ending.fail(failure);
    } else if (this.isRoot && callerFrame !== undefined && this.#isHeard()) {
      // Nothing encloses a root.
      const emission = new Call(this.slot, engine.current(), callerFrame);
      emission.insideSnapshot = withFrame(callerSnapshot, this.slot, undefined);
      this.#emitEndIn(emission, failure);
    } else {
      let isHeard = true;
      try {
        isHeard = this.#tryEmitEnd(failure);
      } finally {
        const now = isHeard ? engine.current() : callerSnapshot;
        if (now !== callerSnapshot) engine.set(withFrame(now, this.slot, callerFrame));
      }
    }
  }

  /** Emits the `end` of a call from a later callback, in what was active around the call. */
  endCallLater(call, failure) {
    // If no listener runs, the active snapshot doesn't matter.
    if (!this.#isHeard()) {
      this.endCall(call, failure);
      return;
    }
    const emission = new TotalCall(engine.current(), call.callerSnapshot);
    enterCall(emission);
    this.endCall(call, failure);
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

  /** Emits `end` in the snapshot of a call. If there is too little stack for that, nothing has changed. */
  #emitEndIn(emission, failure) {
    reserveLittleStack();
    enterCall(emission);
    try {
      this.#tryEmitEnd(failure);
    } finally {
      leaveCall(emission);
    }
  }

  /**
   * Emits `end`. What a listener throws is an uncaught exception: it changes no outcome.
   * @returns {boolean} whether a listener or subscriber ran
   */
  #tryEmitEnd(failure) {
    try {
      return this.#emitEnd(failure);
    } catch (error) {
      // On a full stack, emitting `end` fails with the same error again.
      if (!(isStackOverflow(failure?.error) && isStackOverflow(error))) throwUncaught(error);
      return true;
    }
  }

  #emitEnd(failure) {
    const { context } = this;
    const outcome = (this.ending ?? this.cancellation)?.failure ?? failure;
    this.hasEnded = true;
    this.isEnding = true;
    this.slot.countEnded();
    const isWatched = endChannel.hasSubscribers;
    try {
      if (isWatched) endChannel.publish({ context });
      return context.emit('end', outcome) || isWatched;
    } finally {
      this.isEnding = false;
      this.cancellation?.close();
      this.ending?.close();
      if (watch.onValues !== undefined) watch.onValues(context);
    }
  }
}

// Assignments in the constructor must bypass setters that the application may put on Object.prototype.
Object.setPrototypeOf(Lifetime.prototype, null);

module.exports = { Lifetime, ObserverState };
