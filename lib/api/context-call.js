'use strict';

const { Call } = require('../engine/call');
const { rememberedCount } = require('./error-origins');

/** Waits for the promise that the function of a call returned. */
class Follower {
  /**
   * @param {Context} context
   * @param {ContextCall} call
   */
  constructor(context, call) {
    this.context = context;
    this.call = call;

    /** What the call returns, until that has settled. */
    this.promise = undefined;

    /** The follower of the call around this one, if it waits for the same promise. */
    this.next = undefined;
  }
}

Object.setPrototypeOf(Follower.prototype, null);

/** A call of a function in a context: what it runs in, and the `end` that is to follow it. */
class ContextCall extends Call {
  /**
   * @param {Slot} slot of the context's namespace
   * @param {Snapshot | undefined} callerSnapshot what is active before
   * @param {Frame | undefined} callerFrame the namespace's active frame in it
   */
  constructor(slot, callerSnapshot, callerFrame) {
    super(slot, callerSnapshot, callerFrame);

    /** Whether the context emits `end` after this call. */
    this.emitsEnd = false;

    /** What waits for the promise that the function returned. */
    this.follower = undefined;

    /** The follower of the call within this one that was left last. */
    this.innerFollower = undefined;

    /** How many errors had been remembered when the call began. */
    this.rememberedCount = rememberedCount();
  }

  /** Has it end when the promise has settled that the function returned. */
  endWith(follower) {
    this.follower = follower;
    this.passOn(follower);
  }

  /** Lets the call around it join a follower. */
  passOn(follower) {
    if (this.outer instanceof ContextCall) this.outer.innerFollower = follower;
  }

  release() {
    super.release();
    this.follower = undefined;
    this.innerFollower = undefined;
  }

  /** Lets go of what it needs no more once it was left and waits for a promise. */
  releaseLeft() {
    this.outer = undefined;
    this.innerFollower = undefined;
  }

  /** Whether it runs in a frame of its own. It does not if the context is active already and nothing is to follow. */
  get entersFrame() {
    const { insideSnapshot } = this;
    return insideSnapshot !== undefined && insideSnapshot.frame.entry === this;
  }
}

module.exports = { ContextCall, Follower };
