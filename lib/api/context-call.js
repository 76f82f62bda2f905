'use strict';

const { Call } = require('../engine/call');
const { rememberedCount } = require('./error-origins');

/** How a call in a context waits for the promise that its function returned. */
class Following {
  /**
   * @param {Context} context
   * @param {ContextCall} call
   */
  constructor(context, call) {
    this.context = context;
    this.call = call;

    /** What the call returns. */
    this.promise = undefined;

    /** How the call around it waits, if for the same promise. */
    this.next = undefined;
  }
}

Object.setPrototypeOf(Following.prototype, null);

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

    /** How it waits for the promise that the function returned. */
    this.following = undefined;

    /** How the call within this one that was left last does. */
    this.innerFollowing = undefined;

    /** How many errors had been remembered when the call began. */
    this.rememberedCount = rememberedCount();
  }

  /** Has it wait for the promise that the function returned. */
  follow(following) {
    this.following = following;
    if (this.outer instanceof ContextCall) this.outer.innerFollowing = following;
  }

  release() {
    super.release();
    this.following = undefined;
    this.innerFollowing = undefined;
  }

  /** Lets go of what it needs no more once it was left and waits for a promise. */
  releaseLeft() {
    this.outer = undefined;
    this.innerFollowing = undefined;
    if (this.emitsEnd) return;
    this.callerSnapshot = undefined;
    this.callerFrame = undefined;
  }

  /** Whether it runs in a frame of its own. It does not if the context is active already and nothing is to follow. */
  get entersFrame() {
    const { insideSnapshot } = this;
    return insideSnapshot !== undefined && insideSnapshot.frame.entry === this;
  }
}

module.exports = { ContextCall, Following };
