'use strict';

const { SafeWeakMap } = require('./safe');
const { frameOf } = require('./snapshot');

/**
 * Which snapshot was active where an error came out of `run` or of a bound function. Errors are keys of a WeakMap: nothing
 * is written on them, and what is known of one goes with it.
 */
const thrown = new SafeWeakMap();

/** How many errors were remembered. */
let count = 0;

/** How many errors have been remembered: what `remember` takes as `since`. */
function mark() {
  return count;
}

function encloses(snapshot, slot, entry) {
  for (let frame = frameOf(snapshot, slot); frame !== undefined; frame = frame.enclosing) {
    if (frame.entry === entry) return true;
  }
  return false;
}

/**
 * Remembers the snapshot in which an error was thrown, when it comes out of an entry into a context. On its way out through
 * the entries around that one it stays with the innermost; thrown anew from elsewhere it is remembered anew.
 *
 * @param {unknown} error
 * @param {Snapshot | undefined} snapshot
 * @param {Slot} slot of the context's namespace
 * @param {number} entry that it comes out of
 * @param {number} since the mark at the beginning of an entry that was left by a throw; Infinity where a promise was
 *   rejected: meanwhile it can have been thrown by others
 */
function remember(error, snapshot, slot, entry, since) {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return;
  const known = thrown.get(error);
  if (known !== undefined && (known.order > since || encloses(known.snapshot, slot, entry))) return;
  thrown.set(error, { snapshot, order: ++count });
}

/**
 * @param {unknown} error
 * @returns {{ snapshot: Snapshot | undefined } | undefined} what was active where the error came out of an entry into a
 *   context; undefined where it never did
 */
function recall(error) {
  return thrown.get(error);
}

module.exports = { mark, recall, remember };
