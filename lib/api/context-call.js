'use strict';

const engine = require('../engine');
const { Call, enterCall, leaveCall } = require('../engine/call');
const { frameOf, withFrame } = require('../frames/snapshot');
const { isPlainPromise, observeSettlement } = require('../util/promise');
const { log, logs } = require('./diagnostics');
const { rememberRejected, rememberThrown, rememberedCount } = require('./error-origins');

const { apply } = Reflect;

/** In place of a bound frame: what is active when the call begins. */
const CALLER = Symbol('caller');

/** Waits for the promise that the function of a call returned. */
class Follower {
  /** @param {ContextCall} call */
  constructor(call) {
    this.call = call;

    /** What the call returns, until that has settled. */
    this.promise = undefined;

    /** The follower of the call around this one, if it waits for the same promise. */
    this.next = undefined;
  }

  /** Derives the promise that the call returns, which ends the call when it settles. */
  follow(promise) {
    const pass = (value) => {
      this.#settle();
      return value;
    };
    const fail = (reason) => {
      this.#settle(true, reason);
      throw reason;
    };
    this.promise = observeSettlement(promise, pass, fail);
  }

  /** Ends the calls that wait for the promise, the innermost first. */
  #settle(isRejected = false, reason = undefined) {
    for (let follower = this; follower !== undefined; follower = follower.next) {
      const { call } = follower;
      // From here on nobody can join.
      follower.promise = undefined;
      const { insideSnapshot, slot } = call;
      if (isRejected) rememberRejected(reason, insideSnapshot, call.rememberedCount, slot, frameOf(insideSnapshot, slot));
      call.lifetime.endCallLater(call);
    }
  }
}

Object.setPrototypeOf(Follower.prototype, null);

/** A call of a function in a context: what it runs in, and the `end` that is to follow it. */
class ContextCall extends Call {
  /**
   * Plans a call. Changes nothing.
   *
   * @param {Lifetime} lifetime of the context
   * @param {Frame | undefined | CALLER} bindFrame the frame to nest in: what was active when the function was bound
   * @param {unknown} self the function's `this`: an argument less of `call` is some more levels that fit the stack
   */
  constructor(lifetime, bindFrame, self) {
    const { slot } = lifetime;
    const callerSnapshot = engine.current();
    const callerFrame = frameOf(callerSnapshot, slot);
    super(slot, callerSnapshot, callerFrame);
    this.lifetime = lifetime;
    this.self = self;

    /** Whether the context emits `end` after this call. */
    this.emitsEnd = false;

    /** What waits for the promise that the function returned. */
    this.follower = undefined;

    /** The follower of the call within this one that was left last. */
    this.innerFollower = undefined;

    /** How many errors had been remembered when the call began. */
    this.rememberedCount = rememberedCount();

    this.#plan(bindFrame === CALLER ? callerFrame : bindFrame);
  }

  #plan(bindFrame) {
    const { callerFrame, callerSnapshot, lifetime } = this;
    const { isDefault } = lifetime;
    this.emitsEnd =
      !isDefault &&
      lifetime.ending === undefined &&
      !lifetime.isEndPendingIn(callerFrame) &&
      (bindFrame === callerFrame || !lifetime.isEndPendingIn(bindFrame));
    const isAlreadyActive = lifetime.ownsFrame(bindFrame);
    if (isAlreadyActive && !this.emitsEnd) {
      this.insideSnapshot = withFrame(callerSnapshot, this.slot, bindFrame);
    } else {
      // The default context hides what is around it: a job that is detached in it keeps nothing of that alive.
      const enclosingFrame = isDefault ? undefined : isAlreadyActive ? bindFrame.enclosing : bindFrame;
      this.insideSnapshot = lifetime.entered(callerSnapshot, enclosingFrame, this);
    }
  }

  /**
   * Calls the function: for `run` and bound functions.
   *
   * @param {Function} callback
   * @param {unknown[]} args
   * @returns {unknown} see `Context.run`
   */
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
   * Follows the promise that the function returned, if an `end` is to come when it has settled. The context is active, as an unhandled
   * rejection belongs to it.
   *
   * @returns {Promise<unknown>} what the call returns: the promise itself, if nothing follows it. Whoever has that may have its
   *   rejection handled, and a promise that was derived from it would be reported. If a call within this one follows the promise,
   *   it is the one of that call: one promise is enough to follow it for both
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

  /** Lets the call around it join a follower. */
  #passOn(follower) {
    if (this.outer instanceof ContextCall) this.outer.innerFollower = follower;
  }

  /** Ends a call that threw and was left. */
  #fail(thrownSnapshot, error) {
    if (logs && this.entersFrame) log('exit', this.lifetime.context);
    rememberThrown(error, thrownSnapshot, this.rememberedCount);
    if (this.emitsEnd) this.lifetime.endCallDetached(this, error);
    else this.release();
  }

  /** Ends a call that returned and was left. */
  #finish() {
    if (logs && this.entersFrame) log('exit', this.lifetime.context);
    if (this.follower !== undefined) {
      this.self = undefined;
      this.outer = undefined;
      this.innerFollower = undefined;
    } else if (this.emitsEnd) {
      this.lifetime.endCall(this);
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

  /** Whether it runs in a frame of its own. It does not if the context is active already and nothing is to follow. */
  get entersFrame() {
    const { insideSnapshot } = this;
    return insideSnapshot !== undefined && insideSnapshot.frame.entry === this;
  }
}

module.exports = { CALLER, ContextCall };
