'use strict';

/**
 * What is counted, and for whom. A context has an **account**. Each frame has a **visit**, one stay in a context, with that of the
 * frame around it. Each snapshot has a **tally**: the time for which exactly this was active, and the visits that it is to be
 * shared out to. Frames, snapshots and contexts hold these, and nothing else does for longer than until they are settled: see meter.js.
 */

const { accountOf, serialOf, setAccount } = require('../../api/context');
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

    /** What was settled, and the row that it is in by each key: to be moved if its value is another one later. */
    this.settledTime = 0;
    this.settledCpu = 0;
    this.settledCallbacks = 0;
    this.settledLongest = 0;
    this.rows = undefined;
  }
}

for (const { prototype } of [Account, Visit, Tally]) Object.setPrototypeOf(prototype, null);

function accountFor(meter, context) {
  const known = accountOf(context);
  if (known !== undefined && known.meter === meter) return known;
  const account = new Account(meter);
  setAccount(context, account);
  return account;
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

/** The visit of a frame; undefined if that is in a default context. */
function visitOf(meter, frame) {
  if (frame.tally?.meter === meter) return frame.tally.visit;
  // Those around it come first. They may be many.
  const missing = safeArray();
  let at = frame;
  for (; at !== undefined && at.tally?.meter !== meter; at = at.enclosing) missing[missing.length] = at;
  let visit = at?.tally.visit;
  for (let index = missing.length - 1; index >= 0; index--) {
    const { context } = missing[index];
    visit = serialOf(context) === DEFAULT ? undefined : makeVisit(meter, context, visit);
    missing[index].tally = new Tally(meter, visit, undefined);
  }
  return visit;
}

function placeOf(slots, slot) {
  for (let index = 0; index < slots.length; index++) if (slots[index] === slot) return index;
  return -1;
}

/**
 * The tally of a snapshot, which is made if there is none.
 *
 * @param {Meter} meter
 * @param {Snapshot} snapshot
 * @returns {Tally} that of the meter, if no namespace that is counted has a context in it
 */
function tallyOf(meter, snapshot) {
  const { slots } = meter;
  let visits;
  // In the order in which keys are looked up: that of the namespaces, or the one in which these were made.
  for (let at = snapshot; at !== undefined; at = at.next) {
    const place = slots === undefined ? at.slot.number : placeOf(slots, at.slot);
    const visit = place === -1 ? undefined : visitOf(meter, at.frame);
    if (visit === undefined) continue;
    visits ??= safeArray();
    let index = visits.length;
    for (; index > 0 && visits[index - 1].place > place; index--) visits[index] = visits[index - 1];
    visits[index] = { __proto__: null, place, visit };
  }
  const { tally: existing } = snapshot;
  if (visits === undefined) return (snapshot.tally = meter.outside);
  if (visits.length === 1 && existing?.meter === meter && existing.visit === visits[0].visit) return existing;
  let others;
  for (let index = 1; index < visits.length; index++) {
    others ??= safeArray();
    others[others.length] = visits[index].visit;
  }
  const tally = new Tally(meter, visits[0].visit, others);
  snapshot.tally = tally;
  return tally;
}

module.exports = { Account, NEVER, Tally, tallyOf };
