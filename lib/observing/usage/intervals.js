'use strict';

/**
 * Intervals: the uninterrupted times for which a context has the loop. An interval begins with a callback in the context, or
 * when it is entered during a callback; it continues while other contexts are entered and left inside it.
 */

const { NEVER } = require('./accounts');

function open(entry, account, now) {
  entry.beganAt = now;
  entry.usage.callbacks++;
  account.callbacks++;
}

/** Records the length of an entry's current interval. */
function measure(entry, account, now) {
  const length = now - entry.beganAt;
  if (length > entry.longestEntered) entry.longestEntered = length;
  if (length > entry.usage.longest) entry.usage.longest = length;
  if (length > account.longest && account.meter.rows.length > 0) account.longest = length;
}

/** Ends the intervals of an entry and those around it, up to `last`. */
function close(entry, last, account, now) {
  for (let at = entry; at !== undefined && at !== last && at.beganAt !== NEVER; at = at.parent) {
    measure(at, account, now);
    at.beganAt = NEVER;
  }
}

/** Switches between entries of the same namespace. */
function switchOne(from, to, before, after, now) {
  if (from === to) return;
  // A nested entry begins during the interval of the outer one, which continues.
  if (to === undefined || to.parent !== from) close(from, to, before, now);
  if (to !== undefined && to.beganAt === NEVER) open(to, after, now);
}

/** Switches between accounts of several namespaces. */
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

/** Whether an entry's interval continues in another account: it is one of its entries, or directly encloses one. */
function continues(entry, account) {
  const { entry: first, others } = account;
  if (first !== undefined && (first === entry || first.parent === entry)) return true;
  for (let index = 0; others !== undefined && index < others.length; index++) {
    if (others[index] === entry || others[index].parent === entry) return true;
  }
  return false;
}

/**
 * Ends and begins intervals when the loop switches to another account.
 * @param {Account} before
 * @param {Account} after
 * @param {number} now in milliseconds
 */
function switchIntervals(before, after, now) {
  if (before.others === undefined && after.others === undefined) switchOne(before.entry, after.entry, before, after, now);
  else switchAll(before, after, now);
}

/** Records the intervals of the current account, which continue. */
function measureOpenIntervals(account, now) {
  const { others, entry } = account;
  for (let at = entry; at !== undefined && at.beganAt !== NEVER; at = at.parent) measure(at, account, now);
  for (let index = 0; others !== undefined && index < others.length; index++) {
    for (let at = others[index]; at !== undefined && at.beganAt !== NEVER; at = at.parent) measure(at, account, now);
  }
}

/** Counts another callback of an account, which continues its intervals. Hot. */
function countAgain(account) {
  const { entry, others } = account;
  if (entry === undefined) return;
  account.callbacks++;
  entry.usage.callbacks++;
  for (let index = 0; others !== undefined && index < others.length; index++) {
    account.callbacks++;
    others[index].usage.callbacks++;
  }
}

module.exports = { countAgain, measureOpenIntervals, switchIntervals };
