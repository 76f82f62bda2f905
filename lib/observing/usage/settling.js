'use strict';

/** Hands what tallies have got to contexts and rows. */

const { safeArray } = require('../../util/primordials');
const { add, addStretch, merged, replaceStretch } = require('./rows');

/** The visits whose time is to be handed on to those around them, and how many these are. */
const queue = safeArray();
let queued = 0;

/**
 * Hands the time of a tally to its visits and rows.
 *
 * @param {Tally} tally
 * @param {number} cpuShare how much CPU time the thread took in a millisecond
 */
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
  const { rows } = tally.meter;
  if (rows.length === 0) return;
  const before = tally.settledLongest;
  tally.settledCallbacks += callbacks;
  if (longest > before) tally.settledLongest = longest;
  tally.row = settleRow(tally, rows[0], tally.row, time, cpu, callbacks, before);
  if (rows.length === 1) return;
  const otherRows = (tally.otherRows ??= safeArray());
  for (let index = 1; index < rows.length; index++) {
    otherRows[index - 1] = settleRow(tally, rows[index], otherRows[index - 1], time, cpu, callbacks, before);
  }
}

function settleVisit(visit, time) {
  visit.account.selfTime += time;
  visit.inbox += time;
  if (!visit.isQueued) enqueue(visit);
}

function enqueue(visit) {
  visit.isQueued = true;
  queue[queued++] = visit;
}

/** Hands time on to the visits around those that have got any. The one that came last is mostly the innermost one. */
function settleQueue() {
  while (queued > 0) {
    const visit = queue[--queued];
    queue[queued] = undefined;
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

/**
 * Hands the time of a tally to its row of a key: the one that is returned. `last` is the one that it had before, and `longest` its longest
 * stretch then.
 */
function settleRow(tally, rows, last, time, cpu, callbacks, longest) {
  const row = rows.rowOf(tally);
  if (row === last) {
    add(row, time, cpu, callbacks);
    replaceStretch(row, longest, tally.settledLongest);
    return row;
  }
  const { settledTime, settledCpu, settledCallbacks, settledLongest } = tally;
  // Its value is another one now: all of its time goes there.
  if (last !== undefined) {
    const had = { time: settledTime - time, cpu: settledCpu - cpu, callbacks: settledCallbacks - callbacks, longest };
    rows.leave(merged(last), had);
  }
  row.tallies++;
  add(row, settledTime, settledCpu, settledCallbacks);
  addStretch(row, settledLongest);
  return row;
}

/**
 * A collection of garbage took time of a tally's, which is settled.
 *
 * @param {Tally} tally
 * @param {number} time in milliseconds
 */
function takeCollection(tally, time) {
  // As much of it as of all that the tally has had: a thread that others run beside has less CPU time than it takes.
  const cpu = tally.settledTime > 0 ? tally.settledCpu * Math.min(1, time / tally.settledTime) : 0;
  tally.meter.collectionTime += time;
  tally.meter.collectionCpu += cpu;
  tally.settledTime -= time;
  tally.settledCpu -= cpu;
  const { others, otherRows, row, visit } = tally;
  if (visit !== undefined) settleVisit(visit, -time);
  for (let index = 0; others !== undefined && index < others.length; index++) settleVisit(others[index], -time);
  if (row !== undefined) add(merged(row), -time, -cpu, 0);
  for (let index = 0; otherRows !== undefined && index < otherRows.length; index++) {
    add(merged(otherRows[index]), -time, -cpu, 0);
  }
}

module.exports = { settleQueue, settleTally, takeCollection };
