'use strict';

/**
 * Measures who uses the loop: when the active snapshot changes, the time since the last change is charged to the account of the
 * previous one. Hot paths do nothing else. At most once per millisecond, pending accounts are flushed: their time is attributed to
 * contexts and rows, with a share of the thread's CPU time, and idle time is separated.
 *
 * One meter at a time; hot state is in module variables.
 */

const { LATE } = require('../../foundation');
const { safeArray } = require('../../util/primordials');
const { reserveLittleStack } = require('../../util/stack');
const { observeChanges } = require('../changes');
const { CPU, IDLE, IDLE_AT_WAIT, clocks, findOrigin, millisecondsNow, waitedAt } = require('../clock');
const { holdIdleTime, readClocks, releaseIdleTime } = require('../clock');
const { SHORTEST, remember, watchCollections } = require('./collections');
const { Rows } = require('./rows');
const { attribute, propagate, subtractCollection } = require('./attribution');
const { countAgain, measureOpenIntervals, switchIntervals } = require('./intervals');
const { Account, accountOf } = require('./accounts');

/** The time between flushes, in milliseconds: the resolution of CPU times. */
const PERIOD = 1;

/** Windows counts CPU time in steps of 16 ms: what exceeds the elapsed time belongs to what runs next, up to two steps. */
const MOST_CARRIED = process.platform === 'win32' ? 32 : 0;

/** The limit of pending accounts, which keep objects alive. */
const MOST_PENDING = 1000;

/** The running meter, if any. */
let meter;

/** The account of the active snapshot, charged since `since`. */
let current;
let since = 0;

/** Accounts to flush. Two lists take turns. */
let pending = new Array(MOST_PENDING + 1).fill(undefined);
let sparePending = new Array(MOST_PENDING + 1).fill(undefined);
let pendingCount = 0;
let isFlushing = false;
let nextFlush = 0;

let changes;
let stopCollections;

/** The results of one meter; times in milliseconds. */
class Meter {
  constructor({ slots, keys, maxRows }) {
    this.slots = slots;
    this.rows = safeArray();
    for (let index = 0; index < keys.length; index++) this.rows[index] = new Rows(keys[index], maxRows);

    /** For code outside all measured contexts. */
    this.outside = new Account(this, undefined, undefined);
    this.idleTime = 0;
    this.collectionTime = 0;
    this.collectionCpu = 0;
    this.hasCpu = false;

    this.begin = 0;
    this.end = 0;

    /** The clocks at the last flush; of the CPU's, what was attributed. */
    this.flushedAt = 0;
    this.idleAt = 0;
    this.cpuAt = 0;
  }
}

Object.setPrototypeOf(Meter.prototype, null);

function addPending(account) {
  account.isPending = true;
  pending[pendingCount++] = account;
}

function clearPending() {
  for (let index = 0; index < pendingCount; index++) pending[index] = undefined;
  pendingCount = 0;
}

/** Charges the time since the last change to the current account. */
function charge(now) {
  const elapsed = now - since;
  current.time += elapsed;
  if (elapsed >= SHORTEST) remember(current, since, now);
  since = now;
}

/**
 * Records a change that the platform did not report: it came right after the previous one, or after the loop's wait.
 */
function switchLate(snapshot, now) {
  readClocks();
  const wait = waitedAt.milliseconds(0);
  if (wait >= since) charge(Math.min(now, wait + Math.max(0, clocks[IDLE] - clocks[IDLE_AT_WAIT])));
  switchTo(accountIn(snapshot), since);
}

function accountIn(snapshot) {
  if (snapshot === undefined) return meter.outside;
  const { account } = snapshot;
  return account !== undefined && account.meter === meter ? account : accountOf(meter, snapshot);
}

function switchTo(after, now) {
  const before = current;
  current = after;
  if (after === before) return;
  if (!after.isPending) addPending(after);
  switchIntervals(before, after, now);
}

/** See changes.js. */
function onChange(snapshot, kind, isOutside) {
  try {
    const now = millisecondsNow();
    if (kind === LATE) switchLate(snapshot, now);
    charge(now);
    // Outside, the flush interrupts no measured context.
    const flushes = isOutside && now >= nextFlush;
    if (flushes) {
      switchTo(meter.outside, now);
      flush();
    }
    switchTo(accountIn(snapshot), since);
    if (pendingCount >= MOST_PENDING || (!flushes && current === meter.outside && now >= nextFlush)) flush();
  } catch {
    // The stack is full: time is still charged to the current account.
  }
}

/** The loop has waited: nothing has been active since. */
function onWait() {
  try {
    const now = waitedAt.milliseconds(0);
    // A later flush has charged that time.
    if (now > since) charge(now);
    switchTo(meter.outside, since);
  } catch {
    // As above.
  }
}

/** Another callback of the current account begins. */
function onAgain() {
  countAgain(current);
}

function flushPending(cpuShare) {
  const flushed = pending;
  const count = pendingCount;
  pending = sparePending;
  pendingCount = 0;
  sparePending = flushed;
  let index = 0;
  isFlushing = true;
  try {
    for (; index < count; index++) attribute(take(flushed, index), cpuShare);
  } finally {
    isFlushing = false;
    // If the stack is full nevertheless, the rest stays pending.
    for (index++; index < count; index++) addPending(take(flushed, index));
  }
}

function take(list, index) {
  const account = list[index];
  list[index] = undefined;
  account.isPending = false;
  return account;
}

/** Attributes the time of pending accounts. The duration of the flush itself counts as outside. */
function flush() {
  // A value may be a getter, which enters contexts.
  if (isFlushing) return;
  // If the stack is full, nothing has changed yet.
  reserveLittleStack();
  changes?.settle();
  readClocks();
  const now = millisecondsNow();
  charge(now);
  const idle = clocks[IDLE] - meter.idleAt;
  const busy = now - meter.flushedAt - idle;
  const used = clocks[CPU] - meter.cpuAt;
  const cpu = used - Math.min(MOST_CARRIED, Math.max(0, used - busy));
  const cpuShare = busy > 0 ? cpu / busy : 0;
  meter.flushedAt = now;
  meter.idleAt = clocks[IDLE];
  meter.cpuAt += cpu;
  meter.idleTime += idle;
  meter.outside.time -= idle;
  const flushedMeter = meter;
  flushPending(cpuShare);
  propagate();
  // A getter may have stopped this meter and started another one.
  if (meter !== flushedMeter) return;
  if (!current.isPending) addPending(current);
  if (!meter.outside.isPending) addPending(meter.outside);
  const flushed = millisecondsNow();
  nextFlush = flushed + PERIOD;
  meter.outside.time += flushed - since;
  since = flushed;
}

/**
 * Starts the meter; none may be running.
 * @param {object} options see Meter
 * @returns {Meter}
 */
function startMeter(options) {
  clearPending();
  meter = new Meter(options);
  current = meter.outside;
  addPending(current);
  holdIdleTime();
  readClocks();
  since = millisecondsNow();
  meter.begin = since;
  meter.flushedAt = since;
  meter.idleAt = clocks[IDLE];
  meter.cpuAt = clocks[CPU];
  meter.hasCpu = clocks[CPU] >= 0;
  nextFlush = since + PERIOD;
  stopCollections = watchCollections(findOrigin(), { before: flush, onPart: subtractCollection, after: propagate });
  try {
    changes = observeChanges({ onChange, onWait, onAgain });
  } catch (error) {
    endMeter();
    throw error;
  }
  return meter;
}

/** Releases everything but the results. */
function endMeter() {
  stopCollections();
  releaseIdleTime();
  meter = undefined;
  current = undefined;
  changes = undefined;
  clearPending();
}

/** Updates the results, including the callback that is still running. */
function refreshMeter() {
  const refreshed = meter;
  flush();
  // A getter may have stopped this meter and started another one.
  if (meter !== refreshed) return;
  measureOpenIntervals(current, since);
  meter.end = meter.flushedAt;
}

/** Stops measuring. The results stay available. */
function stopMeter() {
  const stopped = meter;
  refreshMeter();
  // A getter has stopped it.
  if (meter !== stopped) return;
  const { stop } = changes;
  endMeter();
  stop();
}

module.exports = { refreshMeter, startMeter, stopMeter };
