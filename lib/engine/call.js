'use strict';

/**
 * Calls of functions in a snapshot of their own: `enterCall`, the function, and `leaveCall` whether it returns or throws.
 *
 * A caller spells the three steps out, with the function between them: one that took the function as an argument would put a
 * frame of its own on the stack of every nested call.
 */

const { afterCollection } = require('../frames/collections');
const { withFrame, withFramesOf } = require('../frames/snapshot');
const engine = require('./index');

const { apply } = Reflect;
const { platformFrames } = engine;

/**
 * The call that was entered last and not left. One that was cut short (by a timeout of node:vm) and has no call around it is never left,
 * nor is it known from one that is still going on. So the list begins anew after each collection of garbage: what was cut short is kept
 * until then at the most.
 */
let innermost;

/** Whether the list begins anew after the next collection. */
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
 * One call. It is a scope of its namespace: when it is left, the namespace has the active frame that it had before, whatever
 * was entered meanwhile. What was entered in other namespaces stays.
 */
class Call {
  /**
   * @param {Slot} slot of the namespace
   * @param {Snapshot | undefined} callerSnapshot what is active before
   * @param {Frame | undefined} callerFrame the namespace's active frame in it
   */
  constructor(slot, callerSnapshot, callerFrame) {
    this.slot = slot;
    this.callerSnapshot = callerSnapshot;
    this.callerFrame = callerFrame;

    // What the function runs in. It is told later, as a frame in it may name this call as its entry.
    this.insideSnapshot = undefined;
    this.outer = undefined;
    this.callerPlatformFrame = undefined;
    this.insidePlatformFrame = undefined;
    this.insideStoreCount = 0;
  }

  /** What becomes active when the call is left. */
  restored(now) {
    return withFrame(now, this.slot, this.callerFrame);
  }

  /** Lets go of what was active before: frames lead to their calls, and must not lead to the past. */
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
   * @param {Snapshot | undefined} callerSnapshot what is active before
   * @param {Snapshot | undefined} insideSnapshot what the function runs in
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
   * @param {Snapshot | undefined} callerSnapshot what is active before
   * @param {Snapshot | undefined} insideSnapshot what the function runs in
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

/** With async-context-frame Node.js copies a frame when a call is left, by functions several levels deep. */
const padding = new Array(engine.name === 'async-hooks' ? 64 : 192).fill(0);

/**
 * Takes more of the stack than leaving a call does, for a moment, with arguments that no compiler can leave out. If the stack
 * overflows here, nothing has changed; a call that could not be left would stay active. Contexts need none of this: their calls
 * are planned and entered by functions of their own, deeper in the stack than they are left.
 */
function reserveStack() {
  apply(ignore, undefined, padding);
}

function ignore() {}

/**
 * Makes active what a call runs in: its `insideSnapshot`. If this throws, nothing has changed.
 *
 * @param {Call | MultiCall} call
 */
function enterCall(call) {
  const { insideSnapshot } = call;
  if (!isBounded) boundList();
  call.outer = innermost;
  // Before anything is active: the program may be terminated from here on.
  innermost = call;
  if (insideSnapshot === call.callerSnapshot) return;
  try {
    if (platformFrames === undefined) {
      engine.set(insideSnapshot);
    } else {
      call.callerPlatformFrame = platformFrames.current();
      engine.set(insideSnapshot);
      // To ask takes less of the stack than to set took: it does not throw.
      call.insidePlatformFrame = platformFrames.current();
      call.insideStoreCount = call.insidePlatformFrame.size;
    }
  } catch (error) {
    innermost = call.outer;
    throw error;
  }
}

/**
 * Leaves a call in which nothing was entered, in our namespaces and in all stores of AsyncLocalStorage: the frame of Node.js' that
 * carries them is the one that was entered, with all its stores, as `disable()` of a store takes it out of the frame. What was
 * active before becomes so by being the same again.
 *
 * @returns {boolean} false if nothing was done, as there is more to it
 */
function leaveUnchanged(call) {
  const { callerPlatformFrame, insidePlatformFrame } = call;
  if (insidePlatformFrame === undefined) return false;
  call.callerPlatformFrame = undefined;
  call.insidePlatformFrame = undefined;
  if (platformFrames.current() !== insidePlatformFrame || insidePlatformFrame.size !== call.insideStoreCount) return false;
  platformFrames.set(callerPlatformFrame, call.callerSnapshot);
  return true;
}

/**
 * Makes active again what was so before a call, in the call's namespace. So are the calls within it left that could not leave
 * by themselves: the stack had overflowed there, or they were terminated (the timeout of node:vm).
 *
 * @param {Call} call its `callerSnapshot` is what is active afterwards
 * @returns {Snapshot | undefined} what was active at its end
 */
function leaveCall(call) {
  if (leaveUnchanged(call)) {
    innermost = call.outer;
    return call.insideSnapshot;
  }
  const now = engine.current();
  let after = now;
  // The list may have begun anew within the call, if that has run a loop of its own (the package deasync).
  for (let inner = innermost; inner !== call && inner !== undefined; inner = inner.outer) after = inner.restored(after);
  if (after !== call.insideSnapshot) call.callerSnapshot = call.restored(after);
  after = call.callerSnapshot;
  if (after !== now) engine.set(after);
  innermost = call.outer;
  return now;
}

module.exports = { Call, MultiCall, TotalCall, enterCall, leaveCall, reserveStack };
