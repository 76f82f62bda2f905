'use strict';

/**
 * Counts who has the loop, and for how long: at each switch the time since the last one goes to what was active. That is all that is done
 * where it is hot. Once in a millisecond at most the accounts that have got any are flushed: their time goes to the contexts and rows,
 * each with its part of the CPU time that the thread took meanwhile, and the time that the loop has waited is set apart.
 *
 * One meter at a time. What is hot is in variables of this module.
 */

const { LATE, observe, reserveStack } = require('../../foundation');
const { safeArray } = require('../../util/primordials');
const { millisecondsNow } = require('../clock');
const { CPU, IDLE, clocks, findOrigin, holdIdleTime, readClocks, releaseIdleTime } = require('./clocks');
const { SHORTEST, remember, watchCollections } = require('./collections');
const { Rows } = require('./rows');
const { attribute, propagate, subtractCollection } = require('./attribution');
const { measureOpenIntervals, switchIntervals } = require('./intervals');
const { Account, accountOf } = require('./accounts');

/** After how long what was counted is flushed, in milliseconds: the resolution of the CPU time. */
const PERIOD = 1;

/** How many accounts wait at most: what they lead to is kept so long. */
const MOST_PENDING = 1000;

/** The one that counts; undefined if none does. */
let meter;

/** The account of what is active, and since when. */
let current;
let since = 0;

/** The accounts that wait to be flushed, how many these are, and when that is. Two lists take turns. */
let pending = new Array(MOST_PENDING + 1).fill(undefined);
let sparePending = new Array(MOST_PENDING + 1).fill(undefined);
let pendingCount = 0;
let isFlushing = false;
let nextFlush = 0;

/** Stop what was started with the meter. */
let stopObserving;
let stopCollections;

/** What one meter has counted, in milliseconds. */
class Meter {
  /** @param {{ slots: Slot[] | undefined, keys: (string | symbol)[], maxRows: number }} options that were checked */
  constructor({ slots, keys, maxRows }) {
    this.slots = slots;
    this.rows = safeArray();
    for (let index = 0; index < keys.length; index++) this.rows[index] = new Rows(keys[index], maxRows);

    /** For what runs in no context that is counted. */
    this.outside = new Account(this, undefined, undefined);
    this.idleTime = 0;
    this.collectionTime = 0;
    this.collectionCpu = 0;
    this.hasCpu = false;

    this.begin = 0;
    this.end = 0;

    /** What the clocks said when it was flushed last. */
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

/** Gives the time since the last switch to what was active. */
function charge(now) {
  const elapsed = now - since;
  current.time += elapsed;
  if (elapsed >= SHORTEST) remember(current, since, now);
  since = now;
}

/** Makes up for a switch that nothing has told of: it was right after the last one, but for the time that the loop may have waited meanwhile. */
function switchLate(snapshot, now) {
  readClocks();
  charge(Math.min(now, since + Math.max(0, clocks[IDLE] - meter.idleAt)));
  switchTo(accountIn(snapshot), since);
}

/** The account of what is active. */
function accountIn(snapshot) {
  if (snapshot === undefined) return meter.outside;
  const { account } = snapshot;
  return account !== undefined && account.meter === meter ? account : accountOf(meter, snapshot);
}

/** The loop goes from the current account to another one. */
function switchTo(after, now) {
  const before = current;
  current = after;
  if (after === before) return;
  if (!after.isPending) addPending(after);
  switchIntervals(before, after, now);
}

/** For the tracker: what is active from here on. */
function onSwitch(snapshot, kind) {
  try {
    const now = millisecondsNow();
    if (kind === LATE) switchLate(snapshot, now);
    charge(now);
    const after = accountIn(snapshot);
    switchTo(after, now);
    // Outside it takes nobody's time.
    if ((now >= nextFlush && after === meter.outside) || pendingCount >= MOST_PENDING) flush();
  } catch {
    // The stack is full. What was active goes on to be counted.
  }
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
    // If the stack is full all the same, the others wait on.
    for (index++; index < count; index++) addPending(take(flushed, index));
  }
}

function take(list, index) {
  const account = list[index];
  list[index] = undefined;
  account.isPending = false;
  return account;
}

/** Settles what isPending for it. The time that this takes is nobody's. */
function flush() {
  // A value may be a getter, which enters contexts.
  if (isFlushing) return;
  // If there is no room on the stack, nothing has changed.
  reserveStack();
  readClocks();
  const now = millisecondsNow();
  charge(now);
  const idle = clocks[IDLE] - meter.idleAt;
  const cpu = clocks[CPU] - meter.cpuAt;
  const busy = now - meter.flushedAt - idle;
  const cpuShare = busy > 0 ? cpu / busy : 0;
  meter.flushedAt = now;
  meter.idleAt = clocks[IDLE];
  meter.cpuAt = clocks[CPU];
  meter.idleTime += idle;
  meter.outside.time -= idle;
  const flushedMeter = meter;
  flushPending(cpuShare);
  propagate();
  // A value that is a getter may have stopped it, and started another one.
  if (meter !== flushedMeter) return;
  if (!current.isPending) addPending(current);
  if (!meter.outside.isPending) addPending(meter.outside);
  const flushed = millisecondsNow();
  nextFlush = flushed + PERIOD;
  meter.outside.time += flushed - since;
  since = flushed;
}

/**
 * Begins to count. Nobody else may be counting.
 *
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
    stopObserving = observe(onSwitch);
  } catch (error) {
    endMeter();
    throw error;
  }
  return meter;
}

/** Lets all go that a meter has, but for what it has counted. */
function endMeter() {
  stopCollections();
  releaseIdleTime();
  meter = undefined;
  current = undefined;
  clearPending();
}

/** Has all told that was counted until now: in the middle of a callback, what that has taken so far. */
function refreshMeter() {
  const refreshed = meter;
  flush();
  // A value that is a getter may have stopped it, and started another one.
  if (meter !== refreshed) return;
  measureOpenIntervals(current, since);
  meter.end = meter.flushedAt;
}

/** Stops counting. What was counted stays as it is. */
function stopMeter() {
  const stopped = meter;
  refreshMeter();
  // A getter has stopped it meanwhile.
  if (meter !== stopped) return;
  endMeter();
  stopObserving();
}

module.exports = { refreshMeter, startMeter, stopMeter };
