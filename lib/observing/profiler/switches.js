'use strict';

/**
 * What was active when: the moments at which the active snapshot changed. Who that was is told by an owner, which leads to no context:
 * see owners.js.
 *
 * A server has a million changes in a few seconds. So they are numbers in typed arrays, and each owner is kept once: a list of
 * references to what is new would make each collection of garbage dearer.
 *
 * Nothing here may throw while it records: that happens in hooks.
 */

const { LATE, observe, observeValues } = require('../../foundation');
const { safeArray } = require('../../util/primordials');
const { Moments, readClock } = require('../clock');
const { Owners } = require('./owners');

/** How many changes are kept in one piece. */
const PIECE = 4096;

/** How many are kept at most, if nobody takes them away: the loop is blocked by microtasks, say. */
const MOST = 4_194_304;

/** For how long nothing may be active between two reactions of the same unit to be counted as its own: nanoseconds. */
const GAP = 2000;

/** Stands for several contexts, or for one that is not known. */
const UNKNOWN = Object.freeze({ __proto__: null });

// The first numbers of owners.
const UNKNOWN_NUMBER = 0;
const NOBODY_NUMBER = 1;

/** Some changes, in the order of time. */
class Piece {
  constructor() {
    this.moments = new Moments(PIECE);
    /** The numbers of those who are active from then on. */
    this.numbers = new Int32Array(PIECE);
    this.length = 0;
    this.next = undefined;
  }
}

Object.setPrototypeOf(Piece.prototype, null);

/** The changes since they were taken last. */
let first;
let last;
let count = 0;

/** By their numbers, whoever was active since then. The number of the list tells which one an owner's number is of. */
let owners;
let list = 0;

/** What is known of whoever was active since this was switched on. */
let known;

/** The last change. */
let previous;
let previousNumber = UNKNOWN_NUMBER;

let stopObserving;

/** The number of who is active. */
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

/** Forgets all numbers but those that everybody has. */
function renumber() {
  list++;
  owners = safeArray();
  owners[UNKNOWN_NUMBER] = UNKNOWN;
  owners[NOBODY_NUMBER] = undefined;
}

/** Notes a change that is now. What may throw comes first: the new piece. */
function append(number) {
  if (last.length === PIECE) {
    const piece = new Piece();
    last.next = piece;
    last = piece;
  }
  last.moments.written[last.length] = readClock();
  last.numbers[last.length++] = number;
  count++;
}

/** Takes the last change back if it was a pause, as between two awaits, of the unit that goes on now. */
function joinPause() {
  const at = last.length - 1;
  if (at < 2 || last.numbers[at - 1] !== NOBODY_NUMBER || last.numbers[at - 2] !== last.numbers[at]) return;
  if (!last.moments.followsWithin(at, GAP)) return;
  last.length -= 2;
  count -= 2;
}

function note(snapshot, kind) {
  if (snapshot === previous) return;
  const left = previous;
  previous = snapshot;
  try {
    if (left !== undefined && left !== UNKNOWN) known.leave(left);
    const number = snapshot === undefined ? NOBODY_NUMBER : numberOf(snapshot);
    if (number === previousNumber) return;
    previousNumber = number;
    if (kind === LATE && last.length > 0 && last.numbers[last.length - 1] === NOBODY_NUMBER) {
      // It was active since then.
      last.numbers[last.length - 1] = number;
    } else if (count < MOST) {
      append(number);
      joinPause();
    } else if (count === MOST) append(UNKNOWN_NUMBER);
  } catch {
    // The stack is full, or the memory. What follows is not known until the next change that is.
    last.numbers[last.length - 1] = UNKNOWN_NUMBER;
    previous = UNKNOWN;
    previousNumber = UNKNOWN_NUMBER;
  }
}

/** Begins a list of changes: with one, so that no list is ever empty. */
function begin(number) {
  first = last = new Piece();
  count = 0;
  previousNumber = number;
  append(number);
}

/**
 * Begins to record.
 *
 * @param {(string | symbol)[]} keys of the labels
 * @param {Slot[] | undefined} slots of the namespaces that count; undefined for all
 */
function record(keys, slots) {
  known = new Owners(keys, slots);
  renumber();
  begin(UNKNOWN_NUMBER);
  previous = UNKNOWN;
  stopObserving = observe(note);
  observeValues((context) => known.refresh(context));
}

/** Ends it, and lets all go. */
function stopRecording() {
  observeValues(undefined);
  stopObserving();
  known.forget();
  first = last = previous = known = owners = undefined;
  count = 0;
}

/**
 * Takes what was recorded away, all but who is active now.
 *
 * @returns {{ first: Piece, owners: (Owner | undefined)[] }} the first of several pieces, and by their numbers the owners
 */
function takeChanges() {
  const taken = { first, owners };
  // If there was no room for more, what was lost is over now.
  const isFull = count > MOST;
  const { length, moments, numbers } = last;
  const number = isFull ? UNKNOWN_NUMBER : numbers[length - 1];
  const owner = owners[number];
  renumber();
  let kept = number;
  if (number > NOBODY_NUMBER) {
    kept = owners.length;
    owners[kept] = owner;
    owner.number = kept;
    owner.list = list;
  }
  begin(kept);
  // It is active since then. The samples that are still to come begin before now.
  if (!isFull) last.moments.written[0] = moments.written[length - 1];
  if (isFull) previous = UNKNOWN;
  return taken;
}

/** How many changes wait to be taken. */
function countChanges() {
  return count;
}

/** Reads the owners of moments, which are in the order of time. */
class Reader {
  #piece;
  #owners;
  #index = 0;
  #owner = UNKNOWN;

  /** @param {{ first: Piece, owners: (Owner | undefined)[] } | undefined} changes none if they are not to be trusted */
  constructor(changes) {
    this.#piece = changes?.first;
    this.#owners = changes?.owners;
  }

  /**
   * Tells who was active within a span of time, of which one does not know where in it: that of V8's clock, a microsecond.
   *
   * @param {number} from in microseconds
   * @param {number} to before this
   * @returns {Owner | undefined} undefined if nothing was; UNKNOWN if several were
   */
  ownerWithin(from, to) {
    while (timeAt(this.#piece, this.#index) <= from) {
      this.#owner = this.#owners[this.#piece.numbers[this.#index]];
      if (++this.#index === PIECE) {
        this.#piece = this.#piece.next;
        this.#index = 0;
      }
    }
    let owner = this.#owner;
    let piece = this.#piece;
    let index = this.#index;
    while (timeAt(piece, index) < to) {
      const next = this.#owners[piece.numbers[index]];
      if (owner === undefined) owner = next;
      else if (next !== undefined && next !== owner) return UNKNOWN;
      if (++index === PIECE) {
        piece = piece.next;
        index = 0;
      }
    }
    return owner;
  }
}

function timeAt(piece, index) {
  return piece !== undefined && index < piece.length ? piece.moments.microseconds(index) : Infinity;
}

module.exports = { Reader, UNKNOWN, countChanges, record, stopRecording, takeChanges };
