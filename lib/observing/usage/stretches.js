'use strict';

/**
 * Stretches: the times for which a context has the loop without a break. One begins if a callback begins in it, or if it is entered in
 * the middle of one; it goes on while others are entered and left inside it.
 */

const { NEVER } = require('./tally');

function open(visit, tally, now) {
  visit.beganAt = now;
  visit.account.callbacks++;
  tally.callbacks++;
}

/** Notes how long a visit has had the loop without a break. */
function measure(visit, tally, now) {
  const length = now - visit.beganAt;
  if (length > visit.longest) visit.longest = length;
  if (length > visit.account.longest) visit.account.longest = length;
  if (length > tally.longest) tally.longest = length;
}

/** A visit, and those around it, do not have the loop any more: up to one that has it still. */
function close(visit, last, tally, now) {
  for (let at = visit; at !== undefined && at !== last && at.beganAt !== NEVER; at = at.parent) {
    measure(at, tally, now);
    at.beganAt = NEVER;
  }
}

/** The loop goes from one visit to another of the same namespace. */
function handOne(from, to, before, after, now) {
  if (from === to) return;
  // One that nests in the other is entered in the middle of its time.
  if (to === undefined || to.parent !== from) close(from, to, before, now);
  if (to !== undefined && to.beganAt === NEVER) open(to, after, now);
}

/** The same for tallies of several namespaces. */
function handAll(before, after, now) {
  if (before.visit !== undefined) closeAll(before.visit, before, after, now);
  for (let index = 0; before.others !== undefined && index < before.others.length; index++) {
    closeAll(before.others[index], before, after, now);
  }
  if (after.visit !== undefined && after.visit.beganAt === NEVER) open(after.visit, after, now);
  for (let index = 0; after.others !== undefined && index < after.others.length; index++) {
    if (after.others[index].beganAt === NEVER) open(after.others[index], after, now);
  }
}

function closeAll(visit, before, after, now) {
  let last = visit;
  while (last !== undefined && last.beganAt !== NEVER && !continues(last, after)) last = last.parent;
  close(visit, last, before, now);
}

/** Whether a visit has the loop still with another tally: as one of its visits, or around one. */
function continues(visit, tally) {
  const { visit: first, others } = tally;
  if (first !== undefined && (first === visit || first.parent === visit)) return true;
  for (let index = 0; others !== undefined && index < others.length; index++) {
    if (others[index] === visit || others[index].parent === visit) return true;
  }
  return false;
}

/**
 * The loop goes from one tally to another: stretches end and begin.
 *
 * @param {Tally} before
 * @param {Tally} after another one
 * @param {number} now in milliseconds
 */
function hand(before, after, now) {
  if (before.others === undefined && after.others === undefined) handOne(before.visit, after.visit, before, after, now);
  else handAll(before, after, now);
}

/**
 * Has the stretches counted that are not over.
 *
 * @param {Tally} tally that has the loop
 * @param {number} now in milliseconds
 */
function measureOpen(tally, now) {
  const { others, visit } = tally;
  for (let at = visit; at !== undefined && at.beganAt !== NEVER; at = at.parent) measure(at, tally, now);
  for (let index = 0; others !== undefined && index < others.length; index++) {
    for (let at = others[index]; at !== undefined && at.beganAt !== NEVER; at = at.parent) measure(at, tally, now);
  }
}

module.exports = { hand, measureOpen };
