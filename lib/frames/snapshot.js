'use strict';

const { safeArray } = require('../util/primordials');
const { DEPTH, ENCLOSING, FRAME, LABELS, NEXT, SERIAL, SLOT, pageWithRoom } = require('./page');

/** The serial number of frames whose contexts are not numbered. 0 is that of default contexts. */
const UNNUMBERED = 1;

/**
 * One entry into a context: the context, and the frame that encloses it in the same namespace. Immutable except for the fields
 * of observers, which reference no context.
 *
 * A frame is also a snapshot: the one in which all other namespaces are in their default contexts.
 */
class Frame {
  /**
   * @param {Slot} slot of the context's namespace
   * @param {Context} context
   * @param {Frame | undefined} enclosing
   * @param {object | undefined} entry identifies the entry; copies of the frame share it
   * @param {Page} page owns the record
   * @param {number} record the native copy
   */
  constructor(slot, context, enclosing, entry, page, record) {
    this.slot = slot;
    this.context = context;
    this.enclosing = enclosing;
    this.entry = entry;
    this.page = page;
    this.record = record;
    this.owner = undefined;

    /** Used by lib/observing/usage/accounts.js. */
    this.account = undefined;
  }

  /** The nesting depth; 1 for an outermost frame. */
  get depth() {
    return this.page.words[this.page.wordOf(this.record) + DEPTH];
  }

  /** Copies this frame, as the same entry, into another enclosing frame. */
  within(enclosing) {
    const { words } = this.page;
    const word = this.page.wordOf(this.record);
    return makeFrame(this.slot, this.context, words[word + SERIAL], words[word + LABELS], enclosing, this.entry);
  }

  get frame() {
    return this;
  }

  get next() {
    return undefined;
  }
}

function makeFrame(slot, context, serial, labels, enclosing, entry) {
  const page = pageWithRoom();
  const record = page.take();
  const word = page.wordOf(record);
  const { words } = page;
  words[word + SLOT] = slot.number;
  if (enclosing === undefined) {
    words[word + ENCLOSING] = 0;
    words[word + DEPTH] = 1;
  } else {
    words[word + ENCLOSING] = enclosing.record;
    words[word + DEPTH] = enclosing.depth + 1;
  }
  words[word + SERIAL] = serial;
  words[word + FRAME] = record;
  words[word + NEXT] = 0;
  words[word + LABELS] = labels;
  return new Frame(slot, context, enclosing, entry, page, record);
}

/**
 * The active frame of every namespace at one moment: an immutable linked list, in which each part has the frame of one
 * namespace. Namespaces that are in their default contexts are not in the list; `undefined` is the empty list. The last part
 * may be a frame itself.
 *
 * The list contains no contexts that were left, and frames don't reference past snapshots, so both can be collected.
 */
class Snapshot {
  /**
   * @param {Slot} slot
   * @param {Frame} frame the active frame of that slot's namespace
   * @param {Snapshot | Frame | undefined} next
   * @param {Page} page owns the record
   * @param {number} record of this part; shared with the frame if one entry made both
   */
  constructor(slot, frame, next, page, record) {
    this.slot = slot;
    this.frame = frame;
    this.next = next;
    this.page = page;
    this.record = record;
    this.owner = undefined;

    this.account = undefined;
  }
}

// Assignments in constructors must bypass setters that the application may put on Object.prototype.
Object.setPrototypeOf(Frame.prototype, null);
Object.setPrototypeOf(Snapshot.prototype, null);

function makeSnapshot(slot, frame, next, page, record) {
  const word = page.wordOf(record);
  const { words } = page;
  words[word + FRAME] = frame.record;
  words[word + NEXT] = next === undefined ? 0 : next.record;
  return new Snapshot(slot, frame, next, page, record);
}

/** @returns {Frame | undefined} the active frame of the slot's namespace */
function frameOf(snapshot, slot) {
  for (let at = snapshot; at !== undefined; at = at.next) {
    if (at.slot === slot) return at.frame;
  }
  return undefined;
}

/** @returns {Frame | undefined} the innermost frame of a context, from a frame outwards */
function findFrame(frame, context) {
  let at = frame;
  while (at !== undefined && at.context !== context) at = at.enclosing;
  return at;
}

/** Whether a frame shares its record with no larger snapshot, so that the record is the snapshot of the frame alone. */
function isSnapshot(frame) {
  return frame.page.words[frame.page.wordOf(frame.record) + NEXT] === 0;
}

/** Adds a part to a list that doesn't have the slot. */
function prepend(slot, frame, next) {
  if (next === undefined && isSnapshot(frame)) return frame;
  const page = pageWithRoom();
  return makeSnapshot(slot, frame, next, page, page.take());
}

/** Removes a slot from a list. The order of the others may change. */
function without(snapshot, slot) {
  let found = snapshot;
  while (found !== undefined && found.slot !== slot) found = found.next;
  if (found === undefined) return snapshot;
  let others = found.next;
  for (let at = snapshot; at !== found; at = at.next) others = prepend(at.slot, at.frame, others);
  return others;
}

/** @returns {Snapshot | undefined} the snapshot with this frame active in the slot's namespace */
function withFrame(snapshot, slot, frame) {
  if (frameOf(snapshot, slot) === frame) return snapshot;
  const others = without(snapshot, slot);
  return frame === undefined ? others : prepend(slot, frame, others);
}

/**
 * Copies the active frames of some namespaces from `source` to a snapshot.
 * @param {Snapshot | undefined} snapshot
 * @param {{ has: (slot: Slot) => boolean }} slots
 * @param {Snapshot | undefined} source
 * @returns {Snapshot | undefined}
 */
function withFramesOf(snapshot, slots, source) {
  let own;
  if (isOnlyOf(source, slots)) {
    own = source;
  } else {
    for (let at = source; at !== undefined; at = at.next) {
      if (slots.has(at.slot)) own = prepend(at.slot, at.frame, own);
    }
  }
  return overlay(snapshot, slots, own);
}

/** Like `withFramesOf`, for a `source` that only has these slots. The cost is independent of their number. */
function overlay(snapshot, slots, source) {
  if (snapshot === source) return source;
  let result = source;
  for (let at = snapshot; at !== undefined; at = at.next) {
    if (!slots.has(at.slot)) result = prepend(at.slot, at.frame, result);
  }
  return result;
}

function isOnlyOf(snapshot, slots) {
  let at = snapshot;
  while (at !== undefined && slots.has(at.slot)) at = at.next;
  return at === undefined;
}

/**
 * Enters a context: creates its frame and the snapshot in which it is active, sharing one record.
 * @param {Snapshot | undefined} snapshot the frames of the other namespaces
 * @param {Slot} slot of the context's namespace
 * @param {Context} context
 * @param {number} serial the context's serial number
 * @param {Frame | undefined} enclosing
 * @param {object | undefined} entry see Frame
 * @param {number} [labels] the number of the context's labels, 0 for none
 * @returns {Snapshot} its `frame` is the new frame
 */
function enter(snapshot, slot, context, serial, enclosing, entry, labels = 0) {
  const others = without(snapshot, slot);
  const frame = makeFrame(slot, context, serial, labels, enclosing, entry);
  return others === undefined ? frame : makeSnapshot(slot, frame, others, frame.page, frame.record);
}

/**
 * Copies the frames from `top` down to `below` (exclusive) on top of `base`. Removes a frame from under later ones.
 * @param {Frame} top
 * @param {Frame} below `top`, or a frame that encloses it
 * @param {Frame | undefined} base
 * @returns {Frame | undefined} the copy of `top`; `base` if `top` is `below`
 */
function restack(top, below, base) {
  const above = safeArray();
  for (let frame = top; frame !== below; frame = frame.enclosing) above[above.length] = frame;
  let rebuilt = base;
  for (let index = above.length - 1; index >= 0; index--) rebuilt = above[index].within(rebuilt);
  return rebuilt;
}

module.exports = { UNNUMBERED, enter, findFrame, frameOf, overlay, prepend, restack, withFrame, withFramesOf };
