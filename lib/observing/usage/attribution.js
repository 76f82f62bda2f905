'use strict';

/** Attributes the time of accounts to contexts and rows. */

const { safeArray } = require('../../util/primordials');
const { add, addInterval, merged, replaceInterval } = require('./rows');

/** Entries with time to propagate to enclosing entries. */
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
  entry.inbox += time;
  entry.cpuInbox += cpu;
  entry.gcInbox += gc;
  if (!entry.isQueued) enqueue(entry);
}

function enqueue(entry) {
  entry.isQueued = true;
  queue[queued++] = entry;
}

/** Propagates time to enclosing entries. The last entry is usually the innermost. */
function propagate() {
  while (queued > 0) {
    const entry = queue[--queued];
    queue[queued] = undefined;
    const { usage, inbox, cpuInbox, gcInbox, longest, parent } = entry;
    entry.inbox = entry.cpuInbox = entry.gcInbox = 0;
    entry.isQueued = false;
    if (!entry.isRepeat) {
      usage.loopTime += inbox;
      usage.cpuTime += cpuInbox;
      usage.gcTime += gcInbox;
    }
    if (parent === undefined) continue;
    parent.inbox += inbox;
    parent.cpuInbox += cpuInbox;
    parent.gcInbox += gcInbox;
    if (longest > parent.longest) parent.longest = longest;
    if (longest > parent.usage.longest) parent.usage.longest = longest;
    if (!parent.isQueued) enqueue(parent);
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
  const { attributedTime, attributedCpu, attributedCallbacks, attributedCollections: gc, attributedLongest } = account;
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
  account.attributedCollections += time;
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
