'use strict';

/**
 * What is counted, and for whom. A context has an **usage**. Each frame has a **entry**, one stay in a context, with that of the
 * frame around it. Each snapshot has a **account**: the time for which exactly this was active, and the entries that it is to be
 * shared out to. Frames, snapshots and contexts hold these, and nothing else does for longer than until they are settled: see meter.js.
 */

const { observerStateOf, serialOf } = require('../../foundation');
const { safeArray } = require('../../util/primordials');

/** The serial number of default contexts: to be in one is to be in no context. */
const DEFAULT = 0;

/** What `entry.beganAt` is while it has not got the loop. */
const NEVER = -1;

/** The sums of a context, in milliseconds. */
class ContextUsage {
  /** @param {Meter} meter that counts it */
  constructor(meter) {
    this.meter = meter;
    this.entryCount = 0;
    this.selfTime = 0;
    this.loopTime = 0;
    this.callbacks = 0;
    this.longest = 0;
  }
}

/** One stay in a context. */
class EntryUsage {
  /**
   * @param {Context} context
   * @param {ContextUsage} usage of the context
   * @param {EntryUsage | undefined} parent of the frame around it
   * @param {boolean} isRepeat whether the context is also among those around it: these have what it takes already
   */
  constructor(context, usage, parent, isRepeat) {
    this.context = context;
    this.usage = usage;
    this.parent = parent;
    this.isRepeat = isRepeat;

    /** Since when it, or what nests in it, has the loop without a break. */
    this.beganAt = NEVER;
    this.longest = 0;

    /** Time that is not yet handed on to the entries around it, and whether it is to be. */
    this.inbox = 0;
    this.isQueued = false;
  }
}

/** The time of a snapshot, in milliseconds. */
class Account {
  /**
   * @param {Meter} meter
   * @param {EntryUsage | undefined} entry of the first namespace that is counted; undefined if there is none
   * @param {EntryUsage[] | undefined} others of all others
   */
  constructor(meter, entry, others) {
    this.meter = meter;
    this.entry = entry;
    this.others = others;

    /** What was counted since it was settled, and whether it isPending for that. */
    this.time = 0;
    this.callbacks = 0;
    this.longest = 0;
    this.isPending = false;

    /** What was settled, and the row that it is in by the first key, and by the others: to be moved if its value is another one later. */
    this.attributedTime = 0;
    this.attributedCpu = 0;
    this.attributedCallbacks = 0;
    this.attributedLongest = 0;
    this.row = undefined;
    this.otherRows = undefined;
  }
}

for (const { prototype } of [ContextUsage, EntryUsage, Account]) Object.setPrototypeOf(prototype, null);

function contextUsageOf(meter, context) {
  const state = observerStateOf(context);
  if (state.usage?.meter !== meter) state.usage = new ContextUsage(meter);
  return state.usage;
}

function isAround(usage, entry) {
  let at = entry;
  while (at !== undefined && at.usage !== usage) at = at.parent;
  return at !== undefined;
}

function makeEntry(meter, context, parent) {
  const usage = contextUsageOf(meter, context);
  // Most contexts are entered once, so that there is nothing to look for.
  const isRepeat = usage.entryCount++ > 0 && isAround(usage, parent);
  return new EntryUsage(context, usage, parent, isRepeat);
}

function isCounted(meter, frame) {
  return frame.account !== undefined && frame.account.meter === meter;
}

/** Gives a frame a account; those around it have theirs. */
function makeAccount(meter, frame) {
  const { context, enclosing } = frame;
  const parent = enclosing === undefined ? undefined : enclosing.account.entry;
  const entry = serialOf(context) === DEFAULT ? undefined : makeEntry(meter, context, parent);
  const account = new Account(meter, entry, undefined);
  frame.account = account;
  return account;
}

/** The account of a frame, which is made if there is none. It has no entry if the frame is in a default context. */
function accountOfFrame(meter, frame) {
  if (isCounted(meter, frame)) return frame.account;
  const { enclosing } = frame;
  if (enclosing !== undefined && !isCounted(meter, enclosing)) {
    // They may be many.
    const missing = safeArray();
    for (let at = enclosing; at !== undefined && !isCounted(meter, at); at = at.enclosing) missing[missing.length] = at;
    for (let index = missing.length - 1; index >= 0; index--) makeAccount(meter, missing[index]);
  }
  return makeAccount(meter, frame);
}

/** The place of a namespace in the order in which keys are looked up; -1 if it is not counted, or the slot is none of a namespace. */
function placeOf({ slots }, slot) {
  if (slots === undefined) return slot.namespace === undefined ? -1 : slot.number;
  for (let index = 0; index < slots.length; index++) if (slots[index] === slot) return index;
  return -1;
}

/** The entries in a snapshot, in the order in which keys are looked up: that of the namespaces, or the one in which these were made. */
function entriesOf(meter, snapshot) {
  const entries = safeArray();
  const places = safeArray();
  for (let at = snapshot; at !== undefined; at = at.next) {
    const place = placeOf(meter, at.slot);
    const entry = place === -1 ? undefined : accountOfFrame(meter, at.frame).entry;
    if (entry === undefined) continue;
    let index = entries.length;
    for (; index > 0 && places[index - 1] > place; index--) {
      entries[index] = entries[index - 1];
      places[index] = places[index - 1];
    }
    entries[index] = entry;
    places[index] = place;
  }
  return entries;
}

/**
 * The account of a snapshot, which is made if there is none.
 *
 * @param {Meter} meter
 * @param {Snapshot} snapshot
 * @returns {Account} that of the meter, if no namespace that is counted has a context in it
 */
function accountOf(meter, snapshot) {
  if (snapshot.frame === snapshot) {
    // As a rule: one namespace alone has a context.
    const isOf = placeOf(meter, snapshot.slot) !== -1 && accountOfFrame(meter, snapshot).entry !== undefined;
    if (!isOf) snapshot.account = meter.outside;
    return snapshot.account;
  }
  const entries = entriesOf(meter, snapshot);
  let account = meter.outside;
  if (entries.length > 0) {
    let others;
    for (let index = 1; index < entries.length; index++) {
      others ??= safeArray();
      others[index - 1] = entries[index];
    }
    account = new Account(meter, entries[0], others);
  }
  snapshot.account = account;
  return account;
}

module.exports = { Account, NEVER, accountOf };
