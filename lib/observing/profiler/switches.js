'use strict';

/**
 * Records when the active snapshot changed, and to which owner (see owners.js), without references to contexts.
 *
 * A server may have a million changes in a few seconds. So they are numbers in typed arrays, and each owner is listed once:
 * references to many new objects would slow garbage collection.
 *
 * Nothing here may throw while recording, because it runs in hooks.
 */

const { LATE, observeValues } = require('../../foundation');
const { safeArray } = require('../../util/primordials');
const { observeChanges } = require('../changes');
const { IDLE, IDLE_AT_WAIT, Moments, clocks, readClock, readClocks, waitedAt } = require('../clock');
const { Owners } = require('./owners');

/** How many changes a piece holds. */
const PIECE = 4096;

/** The limit if nobody collects the changes: microtasks may block the loop, for example. */
const MOST = 4_194_304;

/** Stands for several owners, or an unknown one. */
const UNKNOWN = Object.freeze({ __proto__: null });

/** Stands for the waiting loop. */
const WAITING = Object.freeze({ __proto__: null });

// The first owner numbers.
const UNKNOWN_NUMBER = 0;
const NOBODY_NUMBER = 1;
const WAITING_NUMBER = 2;

const NANOSECONDS = 1e6;

/** A chunk of changes in chronological order. */
class Piece {
  constructor() {
    this.moments = new Moments(PIECE);
    /** The number of the owner from that time on. */
    this.numbers = new Int32Array(PIECE);
    this.length = 0;
    this.next = undefined;
  }
}

Object.setPrototypeOf(Piece.prototype, null);

/** The changes since the last collection. */
let first;
let last;
let count = 0;

/** The owners since then, by number. An owner's number is valid in the list of the same id. */
let owners;
let list = 0;

let known;

let previous;
let previousNumber = UNKNOWN_NUMBER;

let observed;

/** The last wait, if its end is not recorded yet: the position of that, its beginning, and the loop's total idle time then. */
const wait = { __proto__: null, piece: undefined, index: 0, begin: 0n, idle: 0 };

function numberOf(snapshot) {
  const owner = known.ownerOf(snapshot);
  if (owner === known.nobody) return NOBODY_NUMBER;
  if (owner.list === list) return owner.number;
  const number = owners.length;
  owners[number] = owner;
  owner.number = number;
  owner.list = list;
  return number;
}

/** Starts a new list of owners. */
function renumber() {
  list++;
  owners = safeArray();
  owners[UNKNOWN_NUMBER] = UNKNOWN;
  owners[NOBODY_NUMBER] = undefined;
  owners[WAITING_NUMBER] = WAITING;
}

/** Appends a change. The allocation that may throw comes first. */
function append(number, moment = readClock()) {
  if (last.length === PIECE) {
    const piece = new Piece();
    last.next = piece;
    last = piece;
  }
  last.moments.written[last.length] = moment;
  last.numbers[last.length++] = number;
  count++;
}

function note(snapshot, kind, moment = undefined) {
  if (snapshot === previous) return;
  const left = previous;
  previous = snapshot;
  try {
    if (left !== undefined && left !== UNKNOWN) known.leave(left);
    const number = snapshot === undefined ? NOBODY_NUMBER : numberOf(snapshot);
    if (number === previousNumber) return;
    previousNumber = number;
    if (kind === LATE && last.length > 0 && last.numbers[last.length - 1] === NOBODY_NUMBER) {
      // It was active since that change.
      last.numbers[last.length - 1] = number;
    } else if (count < MOST) append(number, moment);
    else if (count === MOST) append(UNKNOWN_NUMBER);
  } catch {
    // Out of stack or memory: the owner is unknown until the next recorded change.
    last.numbers[last.length - 1] = UNKNOWN_NUMBER;
    previous = UNKNOWN;
    previousNumber = UNKNOWN_NUMBER;
  }
}

/** Records a wait of the loop, after which something runs. Its end is recorded later, because reading the idle time needs a call. */
function noteTurn() {
  endWait(clocks[IDLE_AT_WAIT]);
  const moment = waitedAt.written[0];
  // Also skipped if it began before the list.
  if (count + 2 >= MOST || last.moments.written[last.length - 1] > moment) return;
  try {
    append(WAITING_NUMBER, moment);
    append(NOBODY_NUMBER, moment);
  } catch {
    last.numbers[last.length - 1] = UNKNOWN_NUMBER;
    previous = UNKNOWN;
    previousNumber = UNKNOWN_NUMBER;
    return;
  }
  previous = undefined;
  previousNumber = NOBODY_NUMBER;
  wait.piece = last;
  wait.index = last.length - 1;
  wait.begin = moment;
  wait.idle = clocks[IDLE_AT_WAIT];
}

/**
 * Records the end of the last wait.
 * @param {number} idle the loop's total idle time after it
 */
function endWait(idle) {
  const { piece, index, begin: began } = wait;
  if (piece === undefined) return;
  wait.piece = undefined;
  const isLast = index + 1 === piece.length;
  const next = isLast ? piece.next?.moments.written[0] : piece.moments.written[index + 1];
  const end = began + BigInt(Math.max(0, Math.round((idle - wait.idle) * NANOSECONDS)));
  piece.moments.written[index] = next !== undefined && next < end ? next : end;
}

/** Starts a new list of changes. It contains one, so that no list is empty. */
function begin(number) {
  first = last = new Piece();
  count = 0;
  previousNumber = number;
  append(number);
}

/**
 * Starts recording.
 * @param {(string | symbol)[]} keys of the labels
 * @param {Slot[] | undefined} slots of the recorded namespaces; undefined for all
 */
function record(keys, slots) {
  known = new Owners(keys, slots);
  renumber();
  begin(UNKNOWN_NUMBER);
  previous = UNKNOWN;
  observed = observeChanges({
    onChange: (snapshot, kind) => note(snapshot, kind),
    onTurn: noteTurn,
    onWait: () => note(undefined, undefined, waitedAt.written[0]),
  });
  observeValues((context) => known.refresh(context));
}

function stopRecording() {
  observeValues(undefined);
  observed.stop();
  known.forget();
  first = last = previous = known = owners = wait.piece = undefined;
  count = 0;
}

/**
 * Returns and clears the recorded changes, keeping the current owner.
 * @returns {{ first: Piece, owners: (Owner | undefined)[] }} the first of the linked pieces, and the owners by number
 */
function takeChanges() {
  observed.settle();
  readClocks();
  endWait(clocks[IDLE]);
  const taken = { first, owners };
  // After an overflow, the owner is unknown until the next change.
  const isFull = count > MOST;
  const { length, moments, numbers } = last;
  const number = isFull ? UNKNOWN_NUMBER : numbers[length - 1];
  const owner = owners[number];
  renumber();
  let kept = number;
  if (number > WAITING_NUMBER) {
    kept = owners.length;
    owners[kept] = owner;
    owner.number = kept;
    owner.list = list;
  }
  begin(kept);
  // It was active since its change: remaining samples begin before now.
  if (!isFull) last.moments.written[0] = moments.written[length - 1];
  if (isFull) previous = UNKNOWN;
  return taken;
}

function countChanges() {
  return count;
}

module.exports = { PIECE, UNKNOWN, WAITING, WAITING_NUMBER, countChanges, record, stopRecording, takeChanges };
