'use strict';

/**
 * What is measured. A context has a **ContextUsage** with its totals. A snapshot has an **Account**: the time for which
 * exactly this snapshot was active, and the entries that share it. An entry is the account of a frame, linked to that of the
 * enclosing frame. Frames, snapshots and contexts own these objects; nothing else keeps them beyond the next flush: see meter.js.
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
    this.gcTime = undefined;
    this.callbacks = 0;
    this.longest = 0;
  }
}

/**
 * The time of a snapshot, in milliseconds. That of a frame is also the usage of its entry into a context: one object instead of
 * two. Fields for fractions that most accounts don't need begin as undefined, because V8 allocates each fraction.
 */
class Account {
  /**
   * @param {Meter} meter
   * @param {Account | undefined} entry of the first measured namespace, if any; null for the account itself
   * @param {Account[] | undefined} others entries of the others
   */
  constructor(meter, entry, others) {
    this.meter = meter;
    this.entry = entry === null ? this : entry;
    this.others = others;

    /** Not attributed yet; `isPending` once it is listed for a flush. */
    this.time = 0;
    this.callbacks = 0;
    this.longest = 0;
    this.isPending = false;

    /** Attributed so far; and the rows, by key, to move from if the value changes. */
    this.attributedTime = 0;
    this.attributedCpu = 0;
    this.attributedCollections = undefined;
    this.attributedCallbacks = 0;
    this.attributedLongest = 0;
    this.row = undefined;
    this.otherRows = undefined;

    /** Of an entry: the context, its totals, and the entry of the enclosing frame. */
    this.context = undefined;
    this.usage = undefined;
    this.parent = undefined;

    /** Whether an enclosing entry has the same context, and already counts the time. */
    this.isRepeat = false;

    /** When the current interval began, which includes nested entries; and the longest one, if there is a parent. */
    this.beganAt = NEVER;
    this.longestEntered = undefined;

    /** Times to propagate to the parent, while the entry is queued for that. */
    this.inbox = undefined;
    this.cpuInbox = undefined;
    this.gcInbox = undefined;
    this.isQueued = false;
  }
}

for (const { prototype } of [ContextUsage, Account]) Object.setPrototypeOf(prototype, null);

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

/** Makes an account that of an entry into a context. */
function beginEntry(account, context, parent) {
  const usage = contextUsageOf(account.meter, context);
  account.context = context;
  account.usage = usage;
  account.parent = parent;
  if (parent !== undefined) account.longestEntered = 0;
  // Most contexts are entered once.
  account.isRepeat = usage.entryCount++ > 0 && isAround(usage, parent);
}

function isCounted(meter, frame) {
  return frame.account !== undefined && frame.account.meter === meter;
}

/** Creates the account of a frame; enclosing frames must have theirs. */
function makeAccount(meter, frame) {
  const { context, enclosing } = frame;
  const parent = enclosing === undefined ? undefined : enclosing.account.entry;
  const isDefault = serialOf(context) === DEFAULT;
  const account = new Account(meter, isDefault ? undefined : null, undefined);
  if (!isDefault) beginEntry(account, context, parent);
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
