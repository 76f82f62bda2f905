'use strict';

/**
 * What is measured. A context has a **ContextUsage** with its totals. A frame has an **EntryUsage**, linked to that of the
 * enclosing frame. A snapshot has an **Account**: the time for which exactly this snapshot was active, and the entries that
 * share it. Frames, snapshots and contexts own these objects; nothing else keeps them beyond the next flush: see meter.js.
 */

const { observerStateOf, serialOf } = require('../../foundation');
const { safeArray } = require('../../util/primordials');
const { insertAt, placeOf } = require('../places');

/** The serial number of default contexts, which are not measured. */
const DEFAULT = 0;

/** The value of `beganAt` outside intervals. */
const NEVER = -1;

/** The totals of a context, in milliseconds. */
class ContextUsage {
  constructor(meter) {
    this.meter = meter;
    this.entryCount = 0;
    this.selfTime = 0;
    this.loopTime = 0;
    this.cpuTime = 0;
    this.gcTime = 0;
    this.callbacks = 0;
    this.longest = 0;
  }
}

/** The usage of one entry into a context. */
class EntryUsage {
  /**
   * @param {Context} context
   * @param {ContextUsage} usage of the context
   * @param {EntryUsage | undefined} parent of the enclosing frame
   * @param {boolean} isRepeat whether an enclosing entry has the same context, and already counts the time
   */
  constructor(context, usage, parent, isRepeat) {
    this.context = context;
    this.usage = usage;
    this.parent = parent;
    this.isRepeat = isRepeat;

    /** When the current interval began, which includes nested entries. */
    this.beganAt = NEVER;
    this.longest = 0;

    /** Times to propagate to the parent, and whether the entry is queued for that. */
    this.inbox = 0;
    this.cpuInbox = 0;
    this.gcInbox = 0;
    this.isQueued = false;
  }
}

/** The time of a snapshot, in milliseconds. */
class Account {
  /**
   * @param {Meter} meter
   * @param {EntryUsage | undefined} entry of the first measured namespace, if any
   * @param {EntryUsage[] | undefined} others of the others
   */
  constructor(meter, entry, others) {
    this.meter = meter;
    this.entry = entry;
    this.others = others;

    /** Not attributed yet; `isPending` once it is listed for a flush. */
    this.time = 0;
    this.callbacks = 0;
    this.longest = 0;
    this.isPending = false;

    /** Attributed so far; and the rows, by key, to move from if the value changes. */
    this.attributedTime = 0;
    this.attributedCpu = 0;
    this.attributedCollections = 0;
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
  // Most contexts are entered once.
  const isRepeat = usage.entryCount++ > 0 && isAround(usage, parent);
  return new EntryUsage(context, usage, parent, isRepeat);
}

function isCounted(meter, frame) {
  return frame.account !== undefined && frame.account.meter === meter;
}

/** Creates the account of a frame; enclosing frames must have theirs. */
function makeAccount(meter, frame) {
  const { context, enclosing } = frame;
  const parent = enclosing === undefined ? undefined : enclosing.account.entry;
  const entry = serialOf(context) === DEFAULT ? undefined : makeEntry(meter, context, parent);
  const account = new Account(meter, entry, undefined);
  frame.account = account;
  return account;
}

/** The account of a frame, created if necessary. It has no entry in a default context. */
function accountOfFrame(meter, frame) {
  if (isCounted(meter, frame)) return frame.account;
  const { enclosing } = frame;
  if (enclosing !== undefined && !isCounted(meter, enclosing)) {
    // Iteratively, since they may be many.
    const missing = safeArray();
    for (let at = enclosing; at !== undefined && !isCounted(meter, at); at = at.enclosing) missing[missing.length] = at;
    for (let index = missing.length - 1; index >= 0; index--) makeAccount(meter, missing[index]);
  }
  return makeAccount(meter, frame);
}

/** The entries in a snapshot, in the order of lookup. */
function entriesOf(meter, snapshot) {
  const entries = safeArray();
  const places = safeArray();
  for (let at = snapshot; at !== undefined; at = at.next) {
    const place = placeOf(meter.slots, at.slot);
    const entry = place === -1 ? undefined : accountOfFrame(meter, at.frame).entry;
    if (entry !== undefined) insertAt(place, entry, places, entries);
  }
  return entries;
}

/**
 * The account of a snapshot, created if necessary.
 * @returns {Account} `meter.outside` if no measured namespace has an active context
 */
function accountOf(meter, snapshot) {
  if (snapshot.frame === snapshot) {
    // The usual case: only one namespace has an active context.
    const isOf = placeOf(meter.slots, snapshot.slot) !== -1 && accountOfFrame(meter, snapshot).entry !== undefined;
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
