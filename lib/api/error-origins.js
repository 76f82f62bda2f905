'use strict';

const { frameOf } = require('../frames/snapshot');
const { SafeWeakMap } = require('../util/primordials');

const { apply } = Reflect;
const { deref } = WeakRef.prototype;

/**
 * The snapshot that was active where an error left `run` or a bound function. Keyed weakly, so that errors stay unmodified and
 * entries are collected with them.
 */
const thrown = new SafeWeakMap();

let count = 0;

/** How many errors have been recorded so far: a position in time. */
function rememberedCount() {
  return count;
}

/** What is around a frame: for a root, what its call hides. That exists as long as somebody asks for it. */
function around({ enclosing, entry }) {
  if (enclosing !== undefined || entry === undefined || entry.around === undefined) return enclosing;
  return apply(deref, entry.around, []);
}

/** Whether a snapshot is inside a frame of a namespace, or inside a copy of that frame. */
function isInside(snapshot, slot, frame) {
  if (frame === undefined) return true;
  for (let at = frameOf(snapshot, slot); at !== undefined; at = around(at)) {
    if (at === frame || (at.entry !== undefined && at.entry === frame.entry)) return true;
  }
  return false;
}

/** Records the origin of an error. Primitive values have none. */
function note(error, snapshot) {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return;
  thrown.set(error, { snapshot, order: ++count });
}

/**
 * Records where an error was thrown, as it leaves a call. The innermost call counts, unless the error was thrown again after
 * the current call began.
 * @param {unknown} error
 * @param {Snapshot | undefined} snapshot
 * @param {number} since `rememberedCount()` when the call began
 */
function rememberThrown(error, snapshot, since) {
  const known = thrown.get(error);
  if (known === undefined || known.order <= since) note(error, snapshot);
}

/**
 * Records the origin of a rejected promise, unless the error was recorded inside the same call meanwhile.
 * @param {unknown} error
 * @param {Snapshot | undefined} snapshot in which the call ran
 * @param {number} since `rememberedCount()` when the call began
 * @param {Slot} slot of the call's namespace
 * @param {Frame | undefined} frame of the call
 */
function rememberRejected(error, snapshot, since, slot, frame) {
  const known = thrown.get(error);
  if (known !== undefined && known.order > since && isInside(known.snapshot, slot, frame)) return;
  note(error, snapshot);
}

/** @returns {{ snapshot: Snapshot | undefined } | undefined} the recorded origin, if any */
function recall(error) {
  return thrown.get(error);
}

module.exports = { recall, rememberRejected, rememberThrown, rememberedCount };
