'use strict';

/** Hands what accounts have got to contexts and rows. */

const { safeArray } = require('../../util/primordials');
const { add, addInterval, merged, replaceInterval } = require('./rows');

/** The entries whose time is to be handed on to those around them, and how many these are. */
const queue = safeArray();
let queued = 0;

/**
 * Hands the time of a account to its entries and rows.
 *
 * @param {Account} account
 * @param {number} cpuShare how much CPU time the thread took in a millisecond
 */
function attribute(account, cpuShare) {
  const { time, callbacks, longest } = account;
  const cpu = time * cpuShare;
  account.time = 0;
  account.callbacks = 0;
  account.longest = 0;
  account.attributedTime += time;
  account.attributedCpu += cpu;
  if (account.entry === undefined) return;
  attributeToEntry(account.entry, time);
  const { others } = account;
  for (let index = 0; others !== undefined && index < others.length; index++) attributeToEntry(others[index], time);
  const { rows } = account.meter;
  if (rows.length === 0) return;
  const before = account.attributedLongest;
  account.attributedCallbacks += callbacks;
  if (longest > before) account.attributedLongest = longest;
  account.row = attributeToRow(account, rows[0], account.row, time, cpu, callbacks, before);
  if (rows.length === 1) return;
  const otherRows = (account.otherRows ??= safeArray());
  for (let index = 1; index < rows.length; index++) {
    otherRows[index - 1] = attributeToRow(account, rows[index], otherRows[index - 1], time, cpu, callbacks, before);
  }
}

function attributeToEntry(entry, time) {
  entry.usage.selfTime += time;
  entry.inbox += time;
  if (!entry.isQueued) enqueue(entry);
}

function enqueue(entry) {
  entry.isQueued = true;
  queue[queued++] = entry;
}

/** Hands time on to the entries around those that have got any. The one that came last is mostly the innermost one. */
function propagate() {
  while (queued > 0) {
    const entry = queue[--queued];
    queue[queued] = undefined;
    const { usage, inbox, longest, parent } = entry;
    entry.inbox = 0;
    entry.isQueued = false;
    if (!entry.isRepeat) usage.loopTime += inbox;
    if (parent === undefined) continue;
    parent.inbox += inbox;
    if (longest > parent.longest) parent.longest = longest;
    if (longest > parent.usage.longest) parent.usage.longest = longest;
    if (!parent.isQueued) enqueue(parent);
  }
}

/**
 * Hands the time of a account to its row of a key: the one that is returned. `last` is the one that it had before, and `longest` its longest
 * interval then.
 */
function attributeToRow(account, rows, last, time, cpu, callbacks, longest) {
  const row = rows.rowOf(account);
  if (row === last) {
    add(row, time, cpu, callbacks);
    replaceInterval(row, longest, account.attributedLongest);
    return row;
  }
  const { attributedTime, attributedCpu, attributedCallbacks, attributedLongest } = account;
  // Its value is another one now: all of its time goes there.
  if (last !== undefined) {
    const had = { time: attributedTime - time, cpu: attributedCpu - cpu, callbacks: attributedCallbacks - callbacks, longest };
    rows.leave(merged(last), had);
  }
  row.accounts++;
  add(row, attributedTime, attributedCpu, attributedCallbacks);
  addInterval(row, attributedLongest);
  return row;
}

/**
 * A collection of garbage took time of a account's, which is settled.
 *
 * @param {Account} account
 * @param {number} time in milliseconds
 */
function subtractCollection(account, time) {
  // As much of it as of all that the account has had: a thread that others run beside has less CPU time than it takes.
  const cpu = account.attributedTime > 0 ? account.attributedCpu * Math.min(1, time / account.attributedTime) : 0;
  account.meter.collectionTime += time;
  account.meter.collectionCpu += cpu;
  account.attributedTime -= time;
  account.attributedCpu -= cpu;
  const { others, otherRows, row, entry } = account;
  if (entry !== undefined) attributeToEntry(entry, -time);
  for (let index = 0; others !== undefined && index < others.length; index++) attributeToEntry(others[index], -time);
  if (row !== undefined) add(merged(row), -time, -cpu, 0);
  for (let index = 0; otherRows !== undefined && index < otherRows.length; index++) {
    add(merged(otherRows[index]), -time, -cpu, 0);
  }
}

module.exports = { attribute, propagate, subtractCollection };
