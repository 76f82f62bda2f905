'use strict';

/**
 * What is counted, and for whom. A context has an **account**. Each frame has a **visit**, one stay in a context, with that of the
 * frame around it. Each snapshot has a **tally**: the time for which exactly this was active, and the visits that it is to be
 * shared out to. Frames, snapshots and contexts hold these, and nothing else does for longer than until they are settled: see meter.js.
 */

const { observerStateOf, serialOf } = require('../../foundation');
const { safeArray } = require('../../util/primordials');

/** The serial number of default contexts: to be in one is to be in no context. */
const DEFAULT = 0;

/** What `visit.beganAt` is while it has not got the loop. */
const NEVER = -1;

/** The sums of a context, in milliseconds. */
class Account {
  /** @param {Meter} meter that counts it */
  constructor(meter) {
    this.meter = meter;
    this.visits = 0;
    this.selfTime = 0;
    this.loopTime = 0;
    this.callbacks = 0;
    this.longest = 0;
  }
}

/** One stay in a context. */
class Visit {
  /**
   * @param {Context} context
   * @param {Account} account of the context
   * @param {Visit | undefined} parent of the frame around it
   * @param {boolean} isRepeat whether the context is also among those around it: these have what it takes already
   */
  constructor(context, account, parent, isRepeat) {
    this.context = context;
    this.account = account;
    this.parent = parent;
    this.isRepeat = isRepeat;

    /** Since when it, or what nests in it, has the loop without a break. */
    this.beganAt = NEVER;
    this.longest = 0;

    /** Time that is not yet handed on to the visits around it, and whether it is to be. */
    this.inbox = 0;
    this.isQueued = false;
  }
}

/** The time of a snapshot, in milliseconds. */
class Tally {
  /**
   * @param {Meter} meter
   * @param {Visit | undefined} visit of the first namespace that is counted; undefined if there is none
   * @param {Visit[] | undefined} others of all others
   */
  constructor(meter, visit, others) {
    this.meter = meter;
    this.visit = visit;
    this.others = others;

    /** What was counted since it was settled, and whether it waits for that. */
    this.time = 0;
    this.callbacks = 0;
    this.longest = 0;
    this.waits = false;

    /** What was settled, and the row that it is in by the first key, and by the others: to be moved if its value is another one later. */
    this.settledTime = 0;
    this.settledCpu = 0;
    this.settledCallbacks = 0;
    this.settledLongest = 0;
    this.row = undefined;
    this.otherRows = undefined;
  }
}

for (const { prototype } of [Account, Visit, Tally]) Object.setPrototypeOf(prototype, null);

function accountFor(meter, context) {
  const state = observerStateOf(context);
  if (state.usage?.meter !== meter) state.usage = new Account(meter);
  return state.usage;
}

function isAround(account, visit) {
  let at = visit;
  while (at !== undefined && at.account !== account) at = at.parent;
  return at !== undefined;
}

function makeVisit(meter, context, parent) {
  const account = accountFor(meter, context);
  // Most contexts are entered once, so that there is nothing to look for.
  const isRepeat = account.visits++ > 0 && isAround(account, parent);
  return new Visit(context, account, parent, isRepeat);
}

function isCounted(meter, frame) {
  return frame.tally !== undefined && frame.tally.meter === meter;
}

/** Gives a frame a tally; those around it have theirs. */
function makeTally(meter, frame) {
  const { context, enclosing } = frame;
  const parent = enclosing === undefined ? undefined : enclosing.tally.visit;
  const visit = serialOf(context) === DEFAULT ? undefined : makeVisit(meter, context, parent);
  const tally = new Tally(meter, visit, undefined);
  frame.tally = tally;
  return tally;
}

/** The tally of a frame, which is made if there is none. It has no visit if the frame is in a default context. */
function tallyOfFrame(meter, frame) {
  if (isCounted(meter, frame)) return frame.tally;
  const { enclosing } = frame;
  if (enclosing !== undefined && !isCounted(meter, enclosing)) {
    // They may be many.
    const missing = safeArray();
    for (let at = enclosing; at !== undefined && !isCounted(meter, at); at = at.enclosing) missing[missing.length] = at;
    for (let index = missing.length - 1; index >= 0; index--) makeTally(meter, missing[index]);
  }
  return makeTally(meter, frame);
}

/** The place of a namespace in the order in which keys are looked up; -1 if it is not counted. */
function placeOf({ slots }, slot) {
  if (slots === undefined) return slot.number;
  for (let index = 0; index < slots.length; index++) if (slots[index] === slot) return index;
  return -1;
}

/** The visits in a snapshot, in the order in which keys are looked up: that of the namespaces, or the one in which these were made. */
function visitsOf(meter, snapshot) {
  const visits = safeArray();
  const places = safeArray();
  for (let at = snapshot; at !== undefined; at = at.next) {
    const place = placeOf(meter, at.slot);
    const visit = place === -1 ? undefined : tallyOfFrame(meter, at.frame).visit;
    if (visit === undefined) continue;
    let index = visits.length;
    for (; index > 0 && places[index - 1] > place; index--) {
      visits[index] = visits[index - 1];
      places[index] = places[index - 1];
    }
    visits[index] = visit;
    places[index] = place;
  }
  return visits;
}

/**
 * The tally of a snapshot, which is made if there is none.
 *
 * @param {Meter} meter
 * @param {Snapshot} snapshot
 * @returns {Tally} that of the meter, if no namespace that is counted has a context in it
 */
function tallyOf(meter, snapshot) {
  if (snapshot.frame === snapshot) {
    // As a rule: one namespace alone has a context.
    const isOf = placeOf(meter, snapshot.slot) !== -1 && tallyOfFrame(meter, snapshot).visit !== undefined;
    if (!isOf) snapshot.tally = meter.outside;
    return snapshot.tally;
  }
  const visits = visitsOf(meter, snapshot);
  let tally = meter.outside;
  if (visits.length > 0) {
    let others;
    for (let index = 1; index < visits.length; index++) {
      others ??= safeArray();
      others[index - 1] = visits[index];
    }
    tally = new Tally(meter, visits[0], others);
  }
  snapshot.tally = tally;
  return tally;
}

module.exports = { Account, NEVER, Tally, tallyOf };
