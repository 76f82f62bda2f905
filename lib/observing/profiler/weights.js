'use strict';

/**
 * Weights of samples: the time that each one represents, so that together they represent the time in which the loop did not wait. On a
 * busy machine, V8 takes fewer samples than requested, and those during a wait are delivered at its end. So a sample before a wait
 * represents some of the time until its end, and the first one after a wait some of the time since.
 */

const { WAITING_NUMBER } = require('./switches');

/** In place of the number of a sample's owner: the loop waits. */
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

/** Sums up the times that samples represent, if those before a wait represent at most `weight`. */
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
 * @param {{ times: Column, owners: Column }} taken the samples of a session; the numbers of their owners, or WAITS
 * @param {{ first: Piece } | undefined} changes undefined if they are unreliable
 * @param {{ interval: number, from: number, to: number }} options in microseconds
 * @returns {{ before: number, after: number }} the longest time that a sample before a wait represents, and the share of the time since
 *   a wait that the next one represents
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
