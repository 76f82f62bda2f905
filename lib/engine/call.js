'use strict';

/**
 * Calls of functions in a snapshot: `enterCall`, the function, then `leaveCall` whether it returns or throws.
 *
 * Callers write out the three steps: a helper that called the function would add a stack frame to each nested call.
 */

const { afterCollection } = require('../frames/collections');
const { withFrame, withFramesOf } = require('../frames/snapshot');
const { useWords } = require('../util/stack');
const engine = require('./index');

const { platformFrames } = engine;

/**
 * The innermost call that was entered and not left. A call that was terminated by a node:vm timeout is never left, and is
 * indistinguishable from a running one. So the list is cleared after each garbage collection, which bounds how long terminated
 * calls are kept.
 */
let innermost;

/** Whether the list will be cleared after the next collection. */
let isBounded = false;

function boundList() {
  afterCollection(restartList);
  isBounded = true;
}

function restartList() {
  isBounded = false;
  innermost = undefined;
}

/**
 * A call that is a scope of one namespace: leaving it restores that namespace's active frame, whatever was entered meanwhile.
 * Other namespaces are unaffected.
 */
class Call {
  /**
   * @param {Slot} slot of the namespace
   * @param {Snapshot | undefined} callerSnapshot the active snapshot
   * @param {Frame | undefined} callerFrame the namespace's frame in it
   */
  constructor(slot, callerSnapshot, callerFrame) {
    this.slot = slot;
    this.callerSnapshot = callerSnapshot;
    this.callerFrame = callerFrame;

    // The snapshot for the function. Assigned later, because a frame in it may have this call as its entry.
    this.insideSnapshot = undefined;
    this.outer = undefined;
    this.callerPlatformFrame = undefined;
    this.insidePlatformFrame = undefined;
    this.insideStoreCount = 0;
  }

  /** The snapshot to activate when the call is left. */
  restored(now) {
    return withFrame(now, this.slot, this.callerFrame);
  }

  /** Drops references to the past: frames refer to their calls. */
  release() {
    this.callerSnapshot = undefined;
    this.callerFrame = undefined;
    this.insideSnapshot = undefined;
    this.outer = undefined;
  }
}

/** A call that is a scope of several namespaces. */
class MultiCall {
  /**
   * @param {Set<Slot>} slots
   * @param {Snapshot | undefined} callerSnapshot the active snapshot
   * @param {Snapshot | undefined} insideSnapshot the snapshot for the function
   */
  constructor(slots, callerSnapshot, insideSnapshot) {
    this.slots = slots;
    this.callerSnapshot = callerSnapshot;
    this.insideSnapshot = insideSnapshot;
    this.outer = undefined;
    this.callerPlatformFrame = undefined;
    this.insidePlatformFrame = undefined;
    this.insideStoreCount = 0;
  }

  restored(now) {
    return withFramesOf(now, this.slots, this.callerSnapshot);
  }
}

/** A call that is a scope of all namespaces. */
class TotalCall {
  /**
   * @param {Snapshot | undefined} callerSnapshot the active snapshot
   * @param {Snapshot | undefined} insideSnapshot the snapshot for the function
   */
  constructor(callerSnapshot, insideSnapshot) {
    this.callerSnapshot = callerSnapshot;
    this.insideSnapshot = insideSnapshot;
    this.outer = undefined;
    this.callerPlatformFrame = undefined;
    this.insidePlatformFrame = undefined;
    this.insideStoreCount = 0;
  }

  restored() {
    return this.callerSnapshot;
  }
}

Object.setPrototypeOf(TotalCall.prototype, null);
Object.setPrototypeOf(MultiCall.prototype, null);
Object.setPrototypeOf(Call.prototype, null);

/**
 * Briefly uses more stack than leaving a call does. If the stack overflows, it does so here, before any state changes: a call that could
 * not be left would stay active. Optimised code checks on entry for the stack of all that V8 has inlined into it: with an observer,
 * that is much more.
 */
const reserveStack = useWords(96);
const reserveObserved = useWords(256);

/** Activates a call's `insideSnapshot`. If this throws, nothing has changed. */
function enterCall(call) {
  const { insideSnapshot } = call;
  if (!isBounded) boundList();
  const isChange = insideSnapshot !== call.callerSnapshot;
  if (isChange) (engine.isObserved() ? reserveObserved : reserveStack)();
  if (platformFrames !== undefined) call.callerPlatformFrame = platformFrames.current();
  call.outer = innermost;
  // Before the switch: the program may be terminated at any point from here on.
  innermost = call;
  if (!isChange) return;
  try {
    if (platformFrames === undefined) engine.set(insideSnapshot);
    else enterFrame(call, insideSnapshot);
  } catch (error) {
    innermost = call.outer;
    throw error;
  }
}

/** Activates a frame of the platform's as the last step. */
function enterFrame(call, snapshot) {
  const frame = platformFrames.frameWith(snapshot);
  call.insideStoreCount = frame.size;
  call.insidePlatformFrame = frame;
  platformFrames.set(frame, snapshot);
}

/**
 * The fast path of `leaveCall`: if the platform's frame and its number of stores are still those that the call entered, nothing
 * was entered or disabled inside, and the caller's frame is reactivated as it is.
 * @returns {boolean} false if nothing was done
 */
function leaveUnchanged(call) {
  const { callerPlatformFrame, insidePlatformFrame } = call;
  if (insidePlatformFrame === undefined) return false;
  if (platformFrames.current() !== insidePlatformFrame || insidePlatformFrame.size !== call.insideStoreCount) return false;
  platformFrames.set(callerPlatformFrame, call.callerSnapshot);
  return true;
}

/**
 * The innermost call that has not been left. Code that activates nothing needs no call of its own: it notes this one and the active
 * snapshot, and if one of them is another afterwards, leaves a call with this one as `outer`.
 */
const innermostCall = () => innermost;

/**
 * Restores the call's namespaces to what was active before it. Also leaves inner calls that could not leave themselves because
 * the stack overflowed or a node:vm timeout terminated them.
 *
 * Leaving needs more stack than entering did if V8 has just discarded optimised code. If it fails, all that was active before the
 * call is restored: entering has done that step, deeper in the stack.
 * @param {Call | MultiCall | TotalCall} call its `callerSnapshot` becomes the snapshot that is active afterwards
 * @returns {Snapshot | undefined} the snapshot that was active at the end of the call
 */
function leaveCall(call) {
  const { callerPlatformFrame } = call;
  let last;
  try {
    last = leave(call);
  } catch {
    if (callerPlatformFrame === undefined) engine.set(call.callerSnapshot);
    else platformFrames.set(callerPlatformFrame, call.callerSnapshot);
    last = call.insideSnapshot;
  }
  call.callerPlatformFrame = undefined;
  call.insidePlatformFrame = undefined;
  innermost = call.outer;
  return last;
}

function leave(call) {
  if (leaveUnchanged(call)) return call.insideSnapshot;
  const now = engine.current();
  let after = now;
  // The list may have been cleared during the call, if it ran a nested event loop (the package deasync).
  for (let inner = innermost; inner !== call && inner !== call.outer && inner !== undefined; inner = inner.outer) {
    after = inner.restored(after);
  }
  if (after !== call.insideSnapshot) after = call.restored(after);
  else after = call.callerSnapshot;
  if (after !== now) engine.set(after);
  call.callerSnapshot = after;
  return now;
}

module.exports = { Call, MultiCall, TotalCall, enterCall, innermostCall, leaveCall };
