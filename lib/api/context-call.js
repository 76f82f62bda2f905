'use strict';

const engine = require('../engine');
const { Call, enterCall, leaveCall } = require('../engine/call');
const { frameOf, withFrame } = require('../frames/snapshot');
const { isPlainPromise, observeSettlement } = require('../util/promise');
const { log, logs } = require('./diagnostics');
const { rememberRejected, rememberThrown, rememberedCount } = require('./error-origins');

const { WeakRef } = globalThis;
const { apply } = Reflect;

/** Passed instead of a bound frame: nest in the caller's active frame. */
const CALLER = Symbol('caller');

/** Ends a call when the promise that its function returned has settled. */
class Follower {
  /** @param {ContextCall} call */
  constructor(call) {
    this.call = call;

    /** The derived promise that the call returns; undefined once it has settled. */
    this.promise = undefined;

    /** The follower of the enclosing call, if it follows the same promise. */
    this.next = undefined;
  }

  follow(promise) {
    const pass = (value) => {
      this.#settle(undefined);
      return value;
    };
    const fail = (reason) => {
      this.#settle({ error: reason });
      throw reason;
    };
    this.promise = observeSettlement(promise, pass, fail);
  }

  /** Ends the calls that follow the promise, the innermost first. */
  #settle(failure) {
    for (let follower = this; follower !== undefined; follower = follower.next) {
      const { call } = follower;
      // A later call must not join.
      follower.promise = undefined;
      const { insideSnapshot, slot } = call;
      if (failure !== undefined) {
        rememberRejected(failure.error, insideSnapshot, call.rememberedCount, slot, frameOf(insideSnapshot, slot));
      }
      call.lifetime.endCallLater(call, failure);
    }
  }
}

Object.setPrototypeOf(Follower.prototype, null);

/** A call of a function in a context, and the `end` event that follows it. */
class ContextCall extends Call {
  /**
   * Plans a call, without side effects.
   * @param {Lifetime} lifetime of the context
   * @param {Frame | undefined | CALLER} bindFrame the frame to nest in: the one active when the function was bound
   * @param {unknown} self the function's `this`; kept here since one argument less for `call` saves stack space
   */
  constructor(lifetime, bindFrame, self) {
    const { slot } = lifetime;
    const callerSnapshot = engine.current();
    const callerFrame = frameOf(callerSnapshot, slot);
    super(slot, callerSnapshot, callerFrame);
    this.lifetime = lifetime;
    this.self = self;

    this.emitsEnd = false;

    /** A weak reference to the frame that a root's call hides, once its function has returned a promise. */
    this.around = undefined;

    this.follower = undefined;

    /** The follower of the inner call that returned last. If this call returns the same promise, it joins that follower. */
    this.innerFollower = undefined;

    /** How many errors had been recorded when the call began. */
    this.rememberedCount = rememberedCount();

    this.#plan(bindFrame === CALLER ? callerFrame : bindFrame);
  }

  #plan(bindFrame) {
    const { callerFrame, callerSnapshot, lifetime } = this;
    const { isDefault } = lifetime;
    this.emitsEnd =
      !isDefault &&
      lifetime.ending === undefined &&
      !lifetime.isEnding &&
      !lifetime.isEndPendingIn(callerFrame) &&
      (bindFrame === callerFrame || !lifetime.isEndPendingIn(bindFrame));
    const isAlreadyActive = lifetime.ownsFrame(bindFrame);
    if (isAlreadyActive && !this.emitsEnd) {
      this.insideSnapshot = withFrame(callerSnapshot, this.slot, bindFrame);
    } else {
      // The default context hides enclosing frames, so that detached jobs do not keep them alive.
      const enclosingFrame = isDefault ? undefined : isAlreadyActive ? bindFrame.enclosing : bindFrame;
      this.insideSnapshot = lifetime.entered(callerSnapshot, enclosingFrame, this);
    }
  }

  /** Calls the function, for `run` and bound functions. Returns what `Context.run` does. */
  call(callback, args) {
    this.#begin();
    let result;
    try {
      result = apply(callback, this.self, args);
      if (isPlainPromise(result)) result = this.#observe(result);
    } catch (error) {
      this.#fail(leaveCall(this), error);
      throw error;
    }
    leaveCall(this);
    this.#finish();
    return result;
  }

  /** Performs what was planned, up to the function itself. If this throws, nothing has changed. */
  #begin() {
    const { lifetime } = this;
    if (this.entersFrame) {
      if (logs) log('enter', lifetime.context);
      this.slot.countEntered(this.insideSnapshot.frame);
    }
    enterCall(this);
    if (this.emitsEnd) lifetime.pendingEnds++;
  }

  /**
   * Follows the returned promise if `end` must wait for its settlement. Runs inside the context, so that an unhandled rejection
   * belongs to it.
   * @returns {Promise<unknown>} the promise itself if nothing follows it: a rejection of that may be handled elsewhere, while a
   *   derived promise would be reported as unhandled. If an inner call already follows it, both calls share one derived promise
   */
  #observe(promise) {
    const inner = this.innerFollower;
    if (!this.emitsEnd || this.lifetime.ending !== undefined) {
      this.#passOn(inner);
      return promise;
    }
    const follower = new Follower(this);
    if (inner !== undefined && inner.promise === promise) {
      inner.next = follower;
      follower.promise = promise;
    } else {
      follower.follow(promise);
    }
    this.follower = follower;
    this.#passOn(follower);
    return follower.promise;
  }

  #passOn(follower) {
    if (this.outer instanceof ContextCall) this.outer.innerFollower = follower;
  }

  #fail(thrownSnapshot, error) {
    if (logs && this.entersFrame) log('exit', this.lifetime.context);
    rememberThrown(error, thrownSnapshot, this.rememberedCount);
    if (this.emitsEnd) {
      this.lifetime.endCall(this, { error });
    } else {
      this.lifetime.noteThrown(error, this.callerFrame);
      this.release();
    }
  }

  #finish() {
    if (logs && this.entersFrame) log('exit', this.lifetime.context);
    if (this.follower !== undefined) {
      if (this.lifetime.isRoot) this.forgetCaller();
      this.self = undefined;
      this.outer = undefined;
      this.innerFollower = undefined;
    } else if (this.emitsEnd) {
      this.lifetime.endCall(this, undefined);
    } else {
      this.release();
    }
  }

  release() {
    super.release();
    this.self = undefined;
    this.follower = undefined;
    this.innerFollower = undefined;
  }

  /** Drops what a root's call hides in its namespace: it must not stay alive until the promise settles. */
  forgetCaller() {
    if (this.callerFrame !== undefined) this.around = new WeakRef(this.callerFrame);
    this.callerSnapshot = withFrame(this.callerSnapshot, this.slot, undefined);
    this.callerFrame = undefined;
  }

  /** Whether the call has a frame of its own. It has none if the context is already active and no `end` follows. */
  get entersFrame() {
    const { insideSnapshot } = this;
    return insideSnapshot !== undefined && insideSnapshot.frame.entry === this;
  }
}

module.exports = { CALLER, ContextCall };
