'use strict';

const { frameOf } = require('../frames/snapshot');
const { SafeWeakMap } = require('../util/primordials');

/**
 * Which snapshot was active where an error came out of `run` or of a bound function. Errors are keys of a WeakMap: nothing
 * is written on them, and what is known of one goes with it.
 */
const thrown = new SafeWeakMap();

/** How many errors have been remembered. */
let count = 0;

/** How many errors have been remembered: what `remember` takes as `since`. */
function rememberedCount() {
  return count;
}

/** Whether a snapshot is inside a frame of a namespace, or inside a copy of it. */
function isInside(snapshot, slot, frame) {
  if (frame === undefined) return true;
  for (let at = frameOf(snapshot, slot); at !== undefined; at = at.enclosing) {
    if (at === frame || (at.entry !== undefined && at.entry === frame.entry)) return true;
  }
  return false;
}

/** Remembers the snapshot in which an error happened. Nothing is known of one that is no object. */
function note(error, snapshot) {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return;
  thrown.set(error, { snapshot, order: ++count });
}

/**
 * Remembers the snapshot in which an error was thrown, when it comes out of a call in a context. On its way out through the
 * calls around that one it stays with the innermost; thrown anew from elsewhere it is remembered anew.
 *
 * @param {unknown} error
 * @param {Snapshot | undefined} snapshot
 * @param {number} since what `rememberedCount` was when the call began
 */
function rememberThrown(error, snapshot, since) {
  const known = thrown.get(error);
  if (known === undefined || known.order <= since) note(error, snapshot);
}

/**
 * The same for an error that the promise of a call was rejected with. Others can have thrown it meanwhile.
 *
 * @param {unknown} error
 * @param {Snapshot | undefined} snapshot in which the call ran
 * @param {number} since what `rememberedCount` was when the call began
 * @param {Slot} slot of the call's namespace
 * @param {Frame | undefined} frame of the call
 */
function rememberRejected(error, snapshot, since, slot, frame) {
  const known = thrown.get(error);
  if (known !== undefined && known.order > since && isInside(known.snapshot, slot, frame)) return;
  note(error, snapshot);
}

/**
 * @param {unknown} error
 * @returns {{ snapshot: Snapshot | undefined } | undefined} what was active where the error came out of a call in a context;
 *   undefined if it never did
 */
function recall(error) {
  return thrown.get(error);
}

module.exports = { recall, rememberRejected, rememberThrown, rememberedCount };
