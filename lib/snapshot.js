'use strict';

const { DEPTH, ENCLOSING, FRAME, NEXT, SERIAL, SLOT, pageWithRoom } = require('./page');
const { safeArray } = require('./safe');

/**
 * Tells entries apart, and which was first; an entry's frame and the copies that are made where an enclosing frame is taken out
 * share it. Odd numbers are calls, which are left innermost first; even ones stay until they are taken off.
 */
let entries = 0;

/**
 * One entry into a context: the context and the frame that encloses it in the same namespace. Immutable.
 *
 * It is a snapshot as well: the one in which it is active, and all other namespaces are in their default contexts.
 */
class Frame {
  /**
   * @param {Slot} slot of the context's namespace
   * @param {Context} context
   * @param {Frame | undefined} enclosing
   * @param {number} entry what the frame's copies share
   * @param {Page} page of its record
   * @param {number} record in which the core has the same
   */
  constructor(slot, context, enclosing, entry, page, record) {
    this.slot = slot;
    this.context = context;
    this.enclosing = enclosing;
    this.entry = entry;
    this.record = record;
    this.page = page;
  }

  /** How many frames this is from the outermost one of its namespace, which has 1. */
  get depth() {
    return this.page.words[this.page.wordOf(this.record) + DEPTH];
  }

  /** A copy of this frame, the same entry, with another frame around it. */
  within(enclosing) {
    const serial = this.page.words[this.page.wordOf(this.record) + SERIAL];
    return makeFrame(this.slot, this.context, serial, enclosing, this.entry);
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
 * @param {Frame | undefined} enclosing
 * @param {number} entry what the frame's copies share
 * @returns {Frame}
 */
function makeFrame(slot, context, serial, enclosing, entry) {
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
  return new Frame(slot, context, enclosing, entry, page, record);
}

/**
 * The active frame of every namespace at one moment. Immutable. A list: each part tells the active frame of one namespace, and
 * `next` that of the others; a namespace that is not in it is in its default context, and `undefined` is the empty list. The
 * last part may be the frame itself.
 *
 * A namespace may be in it more than once. The first time counts; the others are frames that enclose the first one, which it
 * would keep alive anyway. So entering a context of one of many namespaces is one step, and not a copy of the list. What has
 * been left is not in it, so that it can be collected; nor is there a way from a frame to a snapshot of the past.
 */
class Snapshot {
  /**
   * @param {Slot} slot of the namespace that this part tells of
   * @param {Frame} frame its active one
   * @param {Snapshot | Frame | undefined} next
   * @param {Page} page of its record
   * @param {number} record
   */
  constructor(slot, frame, next, page, record) {
    const { words } = page;
    const word = page.wordOf(record);
    words[word + FRAME] = frame.record;
    words[word + NEXT] = next === undefined ? 0 : next.record;
    this.slot = slot;
    this.frame = frame;
    this.next = next;
    this.record = record;
    this.page = page;
  }
}

// The application may put setters on Object.prototype; an assignment in a constructor must not run into them.
Object.setPrototypeOf(Frame.prototype, null);
Object.setPrototypeOf(Snapshot.prototype, null);

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

function put(slot, frame, next) {
  const page = pageWithRoom();
  return new Snapshot(slot, frame, next, page, page.take());
}

/** The list without a namespace. */
function without(snapshot, slot) {
  if (snapshot === undefined) return undefined;
  const next = without(snapshot.next, slot);
  if (snapshot.slot === slot) return next;
  return next === snapshot.next ? snapshot : put(snapshot.slot, snapshot.frame, next);
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
  return frame === undefined ? others : put(slot, frame, others);
}

/**
 * Makes the frame of a new entry and the snapshot in which it is active, both in one record.
 *
 * @param {Snapshot | undefined} snapshot the one that tells of the other namespaces
 * @param {Slot} slot of the context's namespace
 * @param {Context} context what is entered
 * @param {number} serial the context's serial number in its namespace
 * @param {Frame | undefined} enclosing
 * @param {boolean} nests whether `enclosing` is the namespace's active frame in the snapshot
 * @param {boolean} isCall whether it is left when a call ends; else it stays until it is taken off
 * @returns {Snapshot} its frame is the new one
 */
function enter(snapshot, slot, context, serial, enclosing, nests, isCall) {
  let others = nests ? snapshot : without(snapshot, slot);
  // What encloses the frame need not be in the list too.
  if (others !== undefined && others.frame === enclosing) others = others.next;
  entries += 2;
  const frame = makeFrame(slot, context, serial, enclosing, isCall ? entries + 1 : entries);
  return others === undefined ? frame : new Snapshot(slot, frame, others, frame.page, frame.record);
}

/**
 * Rebuilds the frames above one on top of another: how a frame is taken out from under those that were entered later.
 *
 * @param {Frame} top the innermost frame to rebuild
 * @param {Frame} below the frame above which to rebuild: `top`, or one that encloses it
 * @param {Frame | undefined} base what the rebuilt ones stand on
 * @returns {Frame | undefined} the rebuilt `top`; `base` where `top` is `below`
 */
function rebase(top, below, base) {
  const above = safeArray();
  for (let frame = top; frame !== below; frame = frame.enclosing) above[above.length] = frame;
  let rebuilt = base;
  for (let index = above.length - 1; index >= 0; index--) rebuilt = above[index].within(rebuilt);
  return rebuilt;
}

/** The last entry that was made: what `withoutCalls` takes as `since`. */
function lastEntry() {
  return entries + 1;
}

/** A frame without the frames of calls that were made since an entry; it itself, where there is none. */
function withoutCallsIn(frame, since) {
  if (frame === undefined || frame.entry <= since) return frame;
  const enclosing = withoutCallsIn(frame.enclosing, since);
  if (frame.entry % 2 === 1) return enclosing;
  return enclosing === frame.enclosing ? frame : frame.within(enclosing);
}

/**
 * Takes off what calls have left behind that were made within one that is being left itself. There is nothing as a rule, as
 * calls are left innermost first; where the stack overflows, leaving one of them may fail too.
 *
 * @param {Snapshot | undefined} snapshot
 * @param {number} since the entry of the call that is being left
 * @returns {Snapshot | undefined} the snapshot without the frames of later calls; what else was entered stays
 */
function withoutCalls(snapshot, since) {
  let clean = snapshot;
  for (let at = snapshot; at !== undefined; at = at.next) {
    const frame = frameOf(clean, at.slot);
    const kept = withoutCallsIn(frame, since);
    if (kept !== frame) clean = withFrame(clean, at.slot, kept);
  }
  return clean;
}

/**
 * Takes an entry off. What was entered on top of it stays, and all that happened in other namespaces.
 *
 * @param {Snapshot | undefined} snapshot
 * @param {Slot} slot of a namespace
 * @param {number} entry
 * @param {Frame | undefined} outer what the namespace's active frame was before the entry
 * @param {Frame | undefined} gone what becomes the active one where the entry was taken off already
 * @returns {Snapshot | undefined}
 */
function leave(snapshot, slot, entry, outer, gone) {
  const active = frameOf(snapshot, slot);
  let frame = active;
  while (frame !== undefined && frame.entry !== entry) frame = frame.enclosing;
  return withFrame(snapshot, slot, frame === undefined ? gone : rebase(active, frame, outer));
}

module.exports = { enter, frameOf, lastEntry, leave, rebase, withFrame, withoutCalls };
