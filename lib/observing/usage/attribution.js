'use strict';

/** Attributes the time of accounts to contexts and rows. */

const { safeArray } = require('../../util/primordials');
const { add, addInterval, merged, replaceInterval } = require('./rows');

/** Entries with a parent, and with time to propagate to it. */
const queue = safeArray();
let queued = 0;

/**
 * Attributes the time of an account since its last flush to its entries and rows.
 * @param {Account} account
 * @param {number} cpuShare the thread's CPU time per millisecond of busy time
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
  attributeToEntry(account.entry, time, cpu, 0);
  const { others } = account;
  for (let index = 0; others !== undefined && index < others.length; index++) attributeToEntry(others[index], time, cpu, 0);
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

function attributeToEntry(entry, time, cpu, gc) {
  entry.usage.selfTime += time;
  if (entry.parent === undefined) addToContext(entry, time, cpu, gc);
  else addToInbox(entry, time, cpu, gc);
}

function addToContext({ isRepeat, usage }, time, cpu, gc) {
  if (isRepeat) return;
  usage.loopTime += time;
  usage.cpuTime += cpu;
  if (gc !== 0) usage.gcTime = (usage.gcTime ?? 0) + gc;
}

/** Queues time of an entry for itself and its parent. */
function addToInbox(entry, time, cpu, gc) {
  if (entry.isQueued) {
    entry.inbox += time;
    entry.cpuInbox += cpu;
    entry.gcInbox += gc;
    return;
  }
  queue[queued++] = entry;
  entry.isQueued = true;
  entry.inbox = time;
  entry.cpuInbox = cpu;
  entry.gcInbox = gc;
}

/** Propagates time to enclosing entries. The last entry is usually the innermost. */
function propagate() {
  while (queued > 0) {
    const entry = queue[--queued];
    queue[queued] = undefined;
    const { inbox, cpuInbox, gcInbox, longestEntered: longest, parent } = entry;
    entry.isQueued = false;
    addToContext(entry, inbox, cpuInbox, gcInbox);
    if (longest > parent.longestEntered) parent.longestEntered = longest;
    if (longest > parent.usage.longest) parent.usage.longest = longest;
    if (parent.parent === undefined) addToContext(parent, inbox, cpuInbox, gcInbox);
    else addToInbox(parent, inbox, cpuInbox, gcInbox);
  }
}

/**
 * Attributes the time of an account to its row of a key, and returns that row. `last` is its previous row, `longest` its
 * previous longest interval.
 */
function attributeToRow(account, rows, last, time, cpu, callbacks, longest) {
  const row = rows.rowOf(account);
  if (row === last) {
    add(row, time, cpu, callbacks, 0);
    replaceInterval(row, longest, account.attributedLongest);
    return row;
  }
  const { attributedTime, attributedCpu, attributedCallbacks, attributedCollections: gc = 0, attributedLongest } = account;
  // The value has changed: all of the account's time moves to the new row.
  if (last !== undefined) {
    const had = { time: attributedTime - time, cpu: attributedCpu - cpu, callbacks: attributedCallbacks - callbacks };
    rows.leave(merged(last), { ...had, gc, longest });
  }
  row.accounts++;
  add(row, attributedTime, attributedCpu, attributedCallbacks, gc);
  addInterval(row, attributedLongest);
  return row;
}

/**
 * Subtracts a garbage collection from the time of a flushed account, and counts it.
 * @param {Account} account
 * @param {number} time in milliseconds
 */
function subtractCollection(account, time) {
  // Its proportional share of the account's CPU time, which is less than the elapsed time on a busy machine.
  const cpu = account.attributedTime > 0 ? account.attributedCpu * Math.min(1, time / account.attributedTime) : 0;
  account.meter.collectionTime += time;
  account.meter.collectionCpu += cpu;
  account.attributedTime -= time;
  account.attributedCpu -= cpu;
  account.attributedCollections = (account.attributedCollections ?? 0) + time;
  const { others, otherRows, row, entry } = account;
  if (entry !== undefined) attributeToEntry(entry, -time, -cpu, time);
  for (let index = 0; others !== undefined && index < others.length; index++)
    attributeToEntry(others[index], -time, -cpu, time);
  if (row !== undefined) add(merged(row), -time, -cpu, 0, time);
  for (let index = 0; otherRows !== undefined && index < otherRows.length; index++) {
    add(merged(otherRows[index]), -time, -cpu, 0, time);
  }
}

module.exports = { attribute, propagate, subtractCollection };
