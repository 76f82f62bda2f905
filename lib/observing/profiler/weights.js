'use strict';

/**
 * How long a time samples stand for, so that together they stand for the time in which the loop did not wait. V8 takes fewer
 * samples than asked for on a busy machine, and those that come in a wait are delivered at its end. So a sample before a wait
 * stands for some of the time until its end, and the first one after a wait for some of the time since.
 */

const { WAITING_NUMBER } = require('./switches');

/** Instead of the number of a sample's owner: the loop waits. */
const WAITS = -1;

/** How often the weight is refined, and by how much it may differ from an interval. */
const ROUNDS = 4;
const MOST_INTERVALS = 8;

/** How long the loop waited, in microseconds. */
function waitedIn(changes, from, to) {
  let waited = 0;
  let began;
  for (let piece = changes.first; piece !== undefined; piece = piece.next) {
    for (let index = 0; index < piece.length; index++) {
      const time = Math.min(to, Math.max(from, piece.moments.microseconds(index)));
      if (began !== undefined) waited += time - began;
      began = piece.numbers[index] === WAITING_NUMBER ? time : undefined;
    }
  }
  return waited;
}

/** Sums up the times that samples stand for, if those before a wait stand for `weight` at most. */
function sumUp({ times, owners }, weight, to) {
  const sums = { fixed: 0, count: 0, sinceWaits: 0 };
  for (let index = 0; index < times.length; index++) {
    if (owners.values[index] === WAITS) continue;
    const time = times.values[index];
    const isLast = index + 1 === times.length;
    const length = (isLast ? to : times.values[index + 1]) - time;
    if (isLast || owners.values[index + 1] !== WAITS || length <= weight) sums.fixed += length;
    else sums.count++;
    if (index > 0 && owners.values[index - 1] === WAITS) sums.sinceWaits += time - times.values[index - 1];
  }
  return sums;
}

/**
 * @param {{ times: Column, owners: Column }} taken the samples of a time; the number of their owners, or WAITS
 * @param {{ first: Piece } | undefined} changes undefined if they are unreliable
 * @param {{ interval: number, from: number, to: number }} options in microseconds
 * @returns {{ before: number, after: number }} how long a sample before a wait stands for at most, and the share of the time since
 *   a wait that the next one stands for
 */
function weightsOf(taken, changes, { interval, from, to }) {
  if (changes === undefined) return { before: interval, after: 0 };
  const busy = to - from - waitedIn(changes, from, to);
  let before = interval;
  let sums = sumUp(taken, before, to);
  for (let round = 0; round < ROUNDS && sums.count > 0; round++) {
    const weight = (busy - sums.fixed) / sums.count;
    before = Math.min(MOST_INTERVALS * interval, Math.max(interval / MOST_INTERVALS, weight));
    sums = sumUp(taken, before, to);
  }
  const missing = busy - sums.fixed - sums.count * before;
  const after = missing > 0 && sums.sinceWaits > 0 ? Math.min(1, missing / sums.sinceWaits) : 0;
  return { before, after };
}

module.exports = { WAITS, weightsOf };
