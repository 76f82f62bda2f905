'use strict';

const { Call } = require('../engine/call');
const { rememberedCount } = require('./error-origins');

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

    /** Whether that waits for the promise that the function returned. */
    this.isAsync = false;

    /** How many errors had been remembered when the call began. */
    this.rememberedCount = rememberedCount();
  }

  /** Whether it runs in a frame of its own. It does not if the context is active already and nothing is to follow. */
  get entersFrame() {
    const { insideSnapshot } = this;
    return insideSnapshot !== undefined && insideSnapshot.frame.entry === this;
  }
}

module.exports = { ContextCall };
