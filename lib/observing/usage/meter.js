'use strict';

/**
 * Counts who has the loop, and for how long: at each switch the time since the last one goes to what was active. That is all that is done
 * where it is hot. Once in a millisecond at most the tallies that have got any are settled: their time goes to the contexts and rows,
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
const { takeCollection, settleQueue, settleTally } = require('./settling');
const { hand, measureOpen } = require('./stretches');
const { Tally, tallyOf } = require('./tally');

/** After how long what was counted is settled, in milliseconds: the resolution of the CPU time. */
const PERIOD = 1;

/** How many tallies wait at most: what they lead to is kept so long. */
const MOST_WAITING = 1000;

/** The one that counts; undefined if none does. */
let meter;

/** The tally of what is active, and since when. */
let current;
let since = 0;

/** The tallies that wait to be settled, how many these are, and when that is. Two lists take turns. */
let waiting = new Array(MOST_WAITING + 1).fill(undefined);
let otherList = new Array(MOST_WAITING + 1).fill(undefined);
let waitingCount = 0;
let isSettling = false;
let nextSettling = 0;

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
    this.outside = new Tally(this, undefined, undefined);
    this.idleTime = 0;
    this.collectionTime = 0;
    this.collectionCpu = 0;
    this.hasCpu = false;

    this.begin = 0;
    this.end = 0;

    /** What the clocks said when it was settled last. */
    this.settledAt = 0;
    this.idleAt = 0;
    this.cpuAt = 0;
  }
}

Object.setPrototypeOf(Meter.prototype, null);

function wait(tally) {
  tally.waits = true;
  waiting[waitingCount++] = tally;
}

function forgetWaiting() {
  for (let index = 0; index < waitingCount; index++) waiting[index] = undefined;
  waitingCount = 0;
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
  handOver(tallyIn(snapshot), since);
}

/** The tally of what is active. */
function tallyIn(snapshot) {
  if (snapshot === undefined) return meter.outside;
  const { tally } = snapshot;
  return tally !== undefined && tally.meter === meter ? tally : tallyOf(meter, snapshot);
}

/** The loop goes from the current tally to another one. */
function handOver(after, now) {
  const before = current;
  current = after;
  if (after === before) return;
  if (!after.waits) wait(after);
  hand(before, after, now);
}

/** For the tracker: what is active from here on. */
function onSwitch(snapshot, kind) {
  try {
    const now = millisecondsNow();
    if (kind === LATE) switchLate(snapshot, now);
    charge(now);
    const after = tallyIn(snapshot);
    handOver(after, now);
    // Outside it takes nobody's time.
    if ((now >= nextSettling && after === meter.outside) || waitingCount >= MOST_WAITING) settle();
  } catch {
    // The stack is full. What was active goes on to be counted.
  }
}

function settleWaiting(cpuShare) {
  const settled = waiting;
  const count = waitingCount;
  waiting = otherList;
  waitingCount = 0;
  otherList = settled;
  let index = 0;
  isSettling = true;
  try {
    for (; index < count; index++) settleTally(take(settled, index), cpuShare);
  } finally {
    isSettling = false;
    // If the stack is full all the same, the others wait on.
    for (index++; index < count; index++) wait(take(settled, index));
  }
}

function take(list, index) {
  const tally = list[index];
  list[index] = undefined;
  tally.waits = false;
  return tally;
}

/** Settles what waits for it. The time that this takes is nobody's. */
function settle() {
  // A value may be a getter, which enters contexts.
  if (isSettling) return;
  // If there is no room on the stack, nothing has changed.
  reserveStack();
  readClocks();
  const now = millisecondsNow();
  charge(now);
  const idle = clocks[IDLE] - meter.idleAt;
  const cpu = clocks[CPU] - meter.cpuAt;
  const busy = now - meter.settledAt - idle;
  const cpuShare = busy > 0 ? cpu / busy : 0;
  meter.settledAt = now;
  meter.idleAt = clocks[IDLE];
  meter.cpuAt = clocks[CPU];
  meter.idleTime += idle;
  meter.outside.time -= idle;
  const settledMeter = meter;
  settleWaiting(cpuShare);
  settleQueue();
  // A value that is a getter may have stopped it, and started another one.
  if (meter !== settledMeter) return;
  if (!current.waits) wait(current);
  if (!meter.outside.waits) wait(meter.outside);
  const settled = millisecondsNow();
  nextSettling = settled + PERIOD;
  meter.outside.time += settled - since;
  since = settled;
}

/**
 * Begins to count. Nobody else may be counting.
 *
 * @param {object} options see Meter
 * @returns {Meter}
 */
function startMeter(options) {
  forgetWaiting();
  meter = new Meter(options);
  current = meter.outside;
  wait(current);
  holdIdleTime();
  readClocks();
  since = millisecondsNow();
  meter.begin = since;
  meter.settledAt = since;
  meter.idleAt = clocks[IDLE];
  meter.cpuAt = clocks[CPU];
  meter.hasCpu = clocks[CPU] >= 0;
  nextSettling = since + PERIOD;
  stopCollections = watchCollections(findOrigin(), { before: settle, onPart: takeCollection, after: settleQueue });
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
  forgetWaiting();
}

/** Has all told that was counted until now: in the middle of a callback, what that has taken so far. */
function refreshMeter() {
  const refreshed = meter;
  settle();
  // A value that is a getter may have stopped it, and started another one.
  if (meter !== refreshed) return;
  measureOpen(current, since);
  meter.end = meter.settledAt;
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
