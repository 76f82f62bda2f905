'use strict';

/**
 * Counts who has the loop, and for how long: at each switch the time since the last one goes to what was active. That is all that is done
 * where it is hot. Once in a millisecond at most the tallies that have got any are settled: their time goes to the contexts and rows,
 * each with its part of the CPU time that the thread took meanwhile, and the time that the loop has waited is set apart.
 *
 * One meter at a time. What is hot is in variables of this module.
 */

const { performance } = require('node:perf_hooks');

const { reserveStack } = require('../../engine/call');
const { AFTER, observe } = require('../../engine/tracker');
const core = require('../../frames/binding');
const { safeArray } = require('../../util/primordials');
const { SHORTEST, remember, watchCollections } = require('./collections');
const { Rows, add, merged } = require('./rows');
const { hand, measureOpen } = require('./stretches');
const { Tally, tallyOf } = require('./tally');

const { now: performanceNow } = performance;
const { readClocks, readTime } = core;

/** The clocks, in milliseconds: see src/addon_usage.h. */
const clocks = new Float64Array(new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT));
const NOW = 0;
const IDLE = 1;
const CPU = 2;

/** After how long what was counted is settled, in milliseconds: the resolution of the CPU time. */
const PERIOD = 1;

/** How many tallies wait at most: what they lead to is kept so long. */
const MOST_WAITING = 1000;

/** The one that counts; undefined if none does. */
let meter;

/** What is active, its tally, and since when. */
let active;
let current;
let since = 0;

/** The tallies that wait to be settled, how many these are, and when that is. Two lists take turns. */
let waiting = new Array(MOST_WAITING + 1).fill(undefined);
let otherList = new Array(MOST_WAITING + 1).fill(undefined);
let waitingCount = 0;
let nextSettling = 0;

/** Stop what was started with the meter. */
let stopObserving;
let stopCollections;

/** The visits whose time is to be handed on to those around them. */
const queue = safeArray();

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

/** Gives the time since the last switch to what was active. */
function charge(now) {
  const elapsed = now - since;
  current.time += elapsed;
  if (elapsed >= SHORTEST) remember(current, since, now);
  since = now;
}

/** For the tracker: what is active from here on. Nothing is done if it is what was active before. */
function onSwitch(snapshot, kind) {
  if (snapshot === active) return;
  try {
    readTime();
    const now = clocks[NOW];
    charge(now);
    const before = current;
    let after = meter.outside;
    if (snapshot !== undefined) {
      after = snapshot.tally;
      if (after === undefined || after.meter !== meter) after = tallyOf(meter, snapshot);
    }
    active = snapshot;
    current = after;
    if (after !== before) {
      if (!after.waits) wait(after);
      hand(before, after, now);
    }
    // After a callback it takes nobody's time.
    if ((now >= nextSettling && kind === AFTER) || waitingCount >= MOST_WAITING) settle();
  } catch {
    // The stack is full. What was active goes on to be counted.
  }
}

/** Hands the time of a tally to its visits and rows. */
function settleTally(tally, cpuShare) {
  const { time, callbacks, longest } = tally;
  const cpu = time * cpuShare;
  tally.time = 0;
  tally.callbacks = 0;
  tally.longest = 0;
  tally.settledTime += time;
  tally.settledCpu += cpu;
  if (tally.visit === undefined) return;
  settleVisit(tally.visit, time);
  const { others } = tally;
  for (let index = 0; others !== undefined && index < others.length; index++) settleVisit(others[index], time);
  const { rows } = meter;
  if (rows.length === 0) return;
  tally.settledCallbacks += callbacks;
  if (longest > tally.settledLongest) tally.settledLongest = longest;
  tally.row = settleRow(tally, rows[0], tally.row, time, cpu, callbacks, longest);
  if (rows.length === 1) return;
  const otherRows = (tally.otherRows ??= safeArray());
  for (let index = 1; index < rows.length; index++) {
    otherRows[index - 1] = settleRow(tally, rows[index], otherRows[index - 1], time, cpu, callbacks, longest);
  }
}

function settleVisit(visit, time) {
  visit.account.selfTime += time;
  visit.inbox += time;
  if (!visit.isQueued) enqueue(visit);
}

function enqueue(visit) {
  visit.isQueued = true;
  queue[queue.length] = visit;
}

/** Hands time on to the visits around. The one that came last is mostly the innermost one. */
function settleQueue() {
  while (queue.length > 0) {
    const visit = queue[queue.length - 1];
    queue.length--;
    const { account, inbox, longest, parent } = visit;
    visit.inbox = 0;
    visit.isQueued = false;
    if (!visit.isRepeat) account.loopTime += inbox;
    if (parent === undefined) continue;
    parent.inbox += inbox;
    if (longest > parent.longest) parent.longest = longest;
    if (longest > parent.account.longest) parent.account.longest = longest;
    if (!parent.isQueued) enqueue(parent);
  }
}

/** Hands the time of a tally to its row of a key: the one that is returned. `last` is the one that it had before. */
function settleRow(tally, rows, last, time, cpu, callbacks, longest) {
  const row = rows.rowOf(tally);
  if (row === last) {
    add(row, time, cpu, callbacks, longest);
    return row;
  }
  // Its value is another one now: all of its time goes there.
  if (last !== undefined) {
    const { settledTime, settledCpu, settledCallbacks } = tally;
    add(merged(last), time - settledTime, cpu - settledCpu, callbacks - settledCallbacks, 0);
  }
  add(row, tally.settledTime, tally.settledCpu, tally.settledCallbacks, tally.settledLongest);
  return row;
}

/** Settles what waits for it. The time that this takes is nobody's. */
function settle() {
  // If there is no room on the stack, nothing has changed.
  reserveStack();
  readClocks();
  const now = clocks[NOW];
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
  const settled = waiting;
  const count = waitingCount;
  waiting = otherList;
  waitingCount = 0;
  otherList = settled;
  for (let index = 0; index < count; index++) {
    settled[index].waits = false;
    settleTally(settled[index], cpuShare);
    settled[index] = undefined;
  }
  settleQueue();
  wait(current);
  if (!meter.outside.waits) wait(meter.outside);
  readTime();
  nextSettling = clocks[NOW] + PERIOD;
  meter.outside.time += clocks[NOW] - since;
  since = clocks[NOW];
}

/** A collection of garbage took time of a tally's, which is settled. */
function collected(tally, time) {
  // As much of it as of all that the tally has had: a thread that others run beside has less CPU time than it takes.
  const cpu = tally.settledTime > 0 ? tally.settledCpu * Math.min(1, time / tally.settledTime) : 0;
  meter.collectionTime += time;
  meter.collectionCpu += cpu;
  tally.settledTime -= time;
  tally.settledCpu -= cpu;
  const { others, otherRows, row, visit } = tally;
  if (visit !== undefined) settleVisit(visit, -time);
  for (let index = 0; others !== undefined && index < others.length; index++) settleVisit(others[index], -time);
  if (row !== undefined) add(merged(row), -time, -cpu, 0, 0);
  for (let index = 0; otherRows !== undefined && index < otherRows.length; index++) {
    add(merged(otherRows[index]), -time, -cpu, 0, 0);
  }
}

/** What the clock says at 0 of performance.now(). */
function findOrigin() {
  let origin = 0;
  let shortest = Infinity;
  for (let n = 0; n < 20; n++) {
    readTime();
    const before = clocks[NOW];
    const told = Reflect.apply(performanceNow, performance, []);
    readTime();
    const length = clocks[NOW] - before;
    if (length >= shortest) continue;
    shortest = length;
    origin = before + length / 2 - told;
  }
  return origin;
}

/**
 * Begins to count. Nobody else may be counting.
 *
 * @param {object} options see Meter
 * @returns {Meter}
 */
function startMeter(options) {
  core.shareClocks(clocks);
  meter = new Meter(options);
  active = undefined;
  current = meter.outside;
  wait(current);
  readClocks();
  since = clocks[NOW];
  meter.begin = since;
  meter.settledAt = since;
  meter.idleAt = clocks[IDLE];
  meter.cpuAt = clocks[CPU];
  meter.hasCpu = clocks[CPU] >= 0;
  nextSettling = since + PERIOD;
  stopCollections = watchCollections(findOrigin(), { before: settle, onPart: collected, after: settleQueue });
  stopObserving = observe(onSwitch);
  return meter;
}

/** Has all told that was counted until now: in the middle of a callback, what that has taken so far. */
function refreshMeter() {
  settle();
  measureOpen(current, since);
  meter.end = meter.settledAt;
}

/** Stops counting. What was counted stays as it is. */
function stopMeter() {
  stopObserving();
  refreshMeter();
  stopCollections();
  meter = undefined;
  active = undefined;
  current = undefined;
  for (let index = 0; index < waitingCount; index++) waiting[index] = undefined;
  waitingCount = 0;
}

module.exports = { refreshMeter, startMeter, stopMeter };
