'use strict';

const { safeArray } = require('../util/primordials');
const { DEPTH, ENCLOSING, FRAME, LABELS, NEXT, SERIAL, SLOT, pageWithRoom } = require('./page');

/**
 * One entry into a context: the context and the frame that encloses it in the same namespace. Immutable, but for the `mark`, which is for
 * who observes switches: what it knows of this, which leads to no context.
 *
 * A frame is a snapshot as well: the one in which it is active and all other namespaces are in their default contexts.
 */
class Frame {
  /**
   * @param {Slot} slot of the context's namespace
   * @param {Context} context
   * @param {Frame | undefined} enclosing
   * @param {object | undefined} entry what tells this entry from others, if anybody has to: its copies share it
   * @param {Page} page that owns the record
   * @param {number} record in which the core has the same
   */
  constructor(slot, context, enclosing, entry, page, record) {
    this.slot = slot;
    this.context = context;
    this.enclosing = enclosing;
    this.entry = entry;
    this.page = page;
    this.record = record;
    this.owner = undefined;

    /** What it has used of the loop, if somebody counts that: see lib/observing/usage/accounts.js. */
    this.account = undefined;
  }

  /** How many frames this is from the outermost one of its namespace, which has 1. */
  get depth() {
    return this.page.words[this.page.wordOf(this.record) + DEPTH];
  }

  /** A copy of this frame, the same entry, with another frame around it. */
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

/**
 * Makes a frame, with its record.
 *
 * @param {Slot} slot of the context's namespace
 * @param {Context} context
 * @param {number} serial the context's serial number in its namespace
 * @param {number} labels the number of its labels, 0 for none
 * @param {Frame | undefined} enclosing
 * @param {object | undefined} entry see Frame
 * @returns {Frame}
 */
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
 * The active frame of every namespace at one moment. Immutable. A list: each part tells the active frame of one namespace, and
 * `next` those of the others. A namespace is in the list once, or not at all if it is in its default context; `undefined` is
 * the empty list. The last part may be the frame itself.
 *
 * What has been left is not in the list, so that it can be collected; nor is there a way from a frame to a snapshot of the past.
 */
class Snapshot {
  /**
   * @param {Slot} slot of the namespace that this part tells of
   * @param {Frame} frame its active one
   * @param {Snapshot | Frame | undefined} next
   * @param {Page} page that owns the record
   * @param {number} record of this part; the frame may share it
   */
  constructor(slot, frame, next, page, record) {
    this.slot = slot;
    this.frame = frame;
    this.next = next;
    this.page = page;
    this.record = record;
    this.owner = undefined;

    /** What it has used of the loop, as a frame has it. */
    this.account = undefined;
  }
}

// The application may put setters on Object.prototype; an assignment in a constructor must not run into them.
Object.setPrototypeOf(Frame.prototype, null);
Object.setPrototypeOf(Snapshot.prototype, null);

/** Makes a part of a list and writes it to a record. */
function makeSnapshot(slot, frame, next, page, record) {
  const word = page.wordOf(record);
  const { words } = page;
  words[word + FRAME] = frame.record;
  words[word + NEXT] = next === undefined ? 0 : next.record;
  return new Snapshot(slot, frame, next, page, record);
}

/**
 * @param {Snapshot | undefined} snapshot
 * @param {Slot} slot of a namespace
 * @returns {Frame | undefined} the namespace's active frame in the snapshot
 */
function frameOf(snapshot, slot) {
  for (let at = snapshot; at !== undefined; at = at.next) {
    if (at.slot === slot) return at.frame;
  }
  return undefined;
}

/** Whether a frame has its record for itself: then it is the snapshot in which it alone is active for the core as well. */
function isSnapshot(frame) {
  return frame.page.words[frame.page.wordOf(frame.record) + NEXT] === 0;
}

/**
 * The list with one more part.
 *
 * @param {Slot} slot of a namespace that is not in it
 * @param {Frame} frame
 * @param {Snapshot | undefined} next the list
 * @returns {Snapshot}
 */
function prepend(slot, frame, next) {
  if (next === undefined && isSnapshot(frame)) return frame;
  const page = pageWithRoom();
  return makeSnapshot(slot, frame, next, page, page.take());
}

/** The list without a namespace. The order of the others does not matter. */
function without(snapshot, slot) {
  let found = snapshot;
  while (found !== undefined && found.slot !== slot) found = found.next;
  if (found === undefined) return snapshot;
  let others = found.next;
  for (let at = snapshot; at !== found; at = at.next) others = prepend(at.slot, at.frame, others);
  return others;
}

/**
 * @param {Snapshot | undefined} snapshot
 * @param {Slot} slot of a namespace
 * @param {Frame | undefined} frame of this namespace
 * @returns {Snapshot | undefined} the snapshot with this frame as the namespace's active one
 */
function withFrame(snapshot, slot, frame) {
  if (frameOf(snapshot, slot) === frame) return snapshot;
  const others = without(snapshot, slot);
  return frame === undefined ? others : prepend(slot, frame, others);
}

/**
 * The snapshot in which some namespaces have the active frames that they have in another snapshot.
 *
 * @param {Snapshot | undefined} snapshot
 * @param {{ has: (slot: Slot) => boolean }} slots of these namespaces
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

/**
 * The same if the other snapshot tells of these namespaces alone: what it costs does not depend on how many they are.
 *
 * @param {Snapshot | undefined} snapshot
 * @param {{ has: (slot: Slot) => boolean }} slots of these namespaces
 * @param {Snapshot | undefined} source
 * @returns {Snapshot | undefined}
 */
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
 * Makes the frame of a new entry and the snapshot in which it is active, both in one record.
 *
 * @param {Snapshot | undefined} snapshot the one that tells of the other namespaces
 * @param {Slot} slot of the context's namespace
 * @param {Context} context what is entered
 * @param {number} serial the context's serial number in its namespace
 * @param {Frame | undefined} enclosing
 * @param {object | undefined} entry see Frame
 * @param {number} [labels] the number of the context's labels, 0 for none
 * @returns {Snapshot} its frame is the new one
 */
function enter(snapshot, slot, context, serial, enclosing, entry, labels = 0) {
  const others = without(snapshot, slot);
  const frame = makeFrame(slot, context, serial, labels, enclosing, entry);
  return others === undefined ? frame : makeSnapshot(slot, frame, others, frame.page, frame.record);
}

/**
 * Rebuilds the frames above one on top of another: how a frame is taken out from under those that were entered later.
 *
 * @param {Frame} top the innermost frame to rebuild
 * @param {Frame} below the frame above which to rebuild: `top`, or one that encloses it
 * @param {Frame | undefined} base what the rebuilt ones stand on
 * @returns {Frame | undefined} the rebuilt `top`; `base` if `top` is `below`
 */
function restack(top, below, base) {
  const above = safeArray();
  for (let frame = top; frame !== below; frame = frame.enclosing) above[above.length] = frame;
  let rebuilt = base;
  for (let index = above.length - 1; index >= 0; index--) rebuilt = above[index].within(rebuilt);
  return rebuilt;
}

module.exports = { Frame, Snapshot, enter, frameOf, overlay, prepend, restack, withFrame, withFramesOf };
