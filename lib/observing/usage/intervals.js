'use strict';

/**
 * Intervals: the times for which a context has the loop without a break. One begins if a callback begins in it, or if it is entered in
 * the middle of one; it goes on while others are entered and left inside it.
 */

const { NEVER } = require('./accounts');

function open(entry, account, now) {
  entry.beganAt = now;
  entry.usage.callbacks++;
  account.callbacks++;
}

/** Notes how long a entry has had the loop without a break. */
function measure(entry, account, now) {
  const length = now - entry.beganAt;
  if (length > entry.longest) entry.longest = length;
  if (length > entry.usage.longest) entry.usage.longest = length;
  if (length > account.longest) account.longest = length;
}

/** A entry, and those around it, do not have the loop any more: up to one that has it still. */
function close(entry, last, account, now) {
  for (let at = entry; at !== undefined && at !== last && at.beganAt !== NEVER; at = at.parent) {
    measure(at, account, now);
    at.beganAt = NEVER;
  }
}

/** The loop goes from one entry to another of the same namespace. */
function switchOne(from, to, before, after, now) {
  if (from === to) return;
  // One that nests in the other is entered in the middle of its time.
  if (to === undefined || to.parent !== from) close(from, to, before, now);
  if (to !== undefined && to.beganAt === NEVER) open(to, after, now);
}

/** The same for accounts of several namespaces. */
function switchAll(before, after, now) {
  if (before.entry !== undefined) closeAll(before.entry, before, after, now);
  for (let index = 0; before.others !== undefined && index < before.others.length; index++) {
    closeAll(before.others[index], before, after, now);
  }
  if (after.entry !== undefined && after.entry.beganAt === NEVER) open(after.entry, after, now);
  for (let index = 0; after.others !== undefined && index < after.others.length; index++) {
    if (after.others[index].beganAt === NEVER) open(after.others[index], after, now);
  }
}

function closeAll(entry, before, after, now) {
  let last = entry;
  while (last !== undefined && last.beganAt !== NEVER && !continues(last, after)) last = last.parent;
  close(entry, last, before, now);
}

/** Whether a entry has the loop still with another account: as one of its entries, or around one. */
function continues(entry, account) {
  const { entry: first, others } = account;
  if (first !== undefined && (first === entry || first.parent === entry)) return true;
  for (let index = 0; others !== undefined && index < others.length; index++) {
    if (others[index] === entry || others[index].parent === entry) return true;
  }
  return false;
}

/**
 * The loop goes from one account to another: intervals end and begin.
 *
 * @param {Account} before
 * @param {Account} after another one
 * @param {number} now in milliseconds
 */
function switchIntervals(before, after, now) {
  if (before.others === undefined && after.others === undefined) switchOne(before.entry, after.entry, before, after, now);
  else switchAll(before, after, now);
}

/**
 * Has the intervals counted that are not over.
 *
 * @param {Account} account that has the loop
 * @param {number} now in milliseconds
 */
function measureOpenIntervals(account, now) {
  const { others, entry } = account;
  for (let at = entry; at !== undefined && at.beganAt !== NEVER; at = at.parent) measure(at, account, now);
  for (let index = 0; others !== undefined && index < others.length; index++) {
    for (let at = others[index]; at !== undefined && at.beganAt !== NEVER; at = at.parent) measure(at, account, now);
  }
}

module.exports = { measureOpenIntervals, switchIntervals };
