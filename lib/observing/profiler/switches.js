'use strict';

/**
 * What was active when: the moments at which the active snapshot changed. What is kept of a context is its values, as they are
 * at any later time: a route that is found after the callback began is there when the profile is made.
 *
 * Nothing here may throw while it records: that happens in hooks.
 */

const { serialOf, valuesOf } = require('../../api/context');
const { observe } = require('../../engine/tracker');
const { safeArray } = require('../../util/primordials');
const { now } = require('./clock');

/** How many changes are kept in one piece. */
const PIECE = 4096;

/** How many are kept at most, if nobody takes them away: the loop is blocked by microtasks, say. */
const MOST = 4_194_304;

/** Stands for several contexts, or for one that is not known. */
const UNKNOWN = Object.freeze({ __proto__: null });

/** Some changes, in the order of time. */
class Piece {
  constructor() {
    this.times = new Float64Array(PIECE);
    this.owners = safeArray();
    this.length = 0;
    this.next = undefined;
  }
}

Object.setPrototypeOf(Piece.prototype, null);

/** The changes since they were taken last. */
let first;
let last;
let count = 0;
let previous;
let stopObserving;

/** The slots of the namespaces that count; undefined for all. */
let slots;

/**
 * What is kept of a snapshot: mostly it is one frame, and then the values of its context are enough. What else the context leads to
 * need not wait for the end of the profile.
 */
function ownerOf(snapshot) {
  if (snapshot === undefined) return undefined;
  const { context, enclosing } = snapshot.frame;
  if (snapshot.next !== undefined || enclosing !== undefined) return snapshot;
  // Default contexts have no labels.
  return isWatched(snapshot.slot, slots) && serialOf(context) !== 0 ? valuesOf(context) : undefined;
}

/**
 * @param {Slot} slot of a namespace
 * @param {Slot[] | undefined} watched of the namespaces that count; undefined for all
 * @returns {boolean}
 */
function isWatched(slot, watched) {
  if (watched === undefined) return true;
  for (let index = 0; index < watched.length; index++) {
    if (watched[index] === slot) return true;
  }
  return false;
}

/** What may throw comes first. */
function append(owner) {
  const time = now();
  if (last.length === PIECE) {
    const piece = new Piece();
    last.next = piece;
    last = piece;
  }
  last.times[last.length] = time;
  last.owners[last.length++] = owner;
  count++;
}

function note(snapshot) {
  if (snapshot === previous) return;
  previous = snapshot;
  try {
    if (count < MOST) append(ownerOf(snapshot));
    else if (count === MOST) append(UNKNOWN);
  } catch {
    // The stack is full, or the memory. What follows is not known until the next change that is.
    forget();
  }
}

/** Nothing is known from the last moment that is. */
function forget() {
  if (last.length > 0) last.owners[last.length - 1] = UNKNOWN;
  previous = UNKNOWN;
}

/**
 * Begins to record.
 *
 * @param {Slot[] | undefined} watchedSlots of the namespaces that count; undefined for all
 */
function record(watchedSlots) {
  slots = watchedSlots;
  first = last = new Piece();
  count = 0;
  previous = UNKNOWN;
  stopObserving = observe(note);
}

/** Ends it, and lets all go. */
function stopRecording() {
  stopObserving();
  first = last = previous = slots = undefined;
  count = 0;
}

/**
 * Takes what was recorded away, all but the last change: that still holds.
 *
 * @returns {Piece} the first of several
 */
function takeChanges() {
  const taken = first;
  const owner = last.length > 0 ? last.owners[last.length - 1] : UNKNOWN;
  const piece = new Piece();
  // What was lost because there was no room is over now.
  const isFull = count > MOST;
  piece.times[0] = isFull ? now() : last.times[Math.max(0, last.length - 1)];
  piece.owners[0] = owner;
  piece.length = 1;
  if (isFull) previous = UNKNOWN;
  first = last = piece;
  count = 1;
  return taken;
}

/** How many changes wait to be taken. */
function countChanges() {
  return count;
}

/** Reads the owners of moments, which are in the order of time. */
class Reader {
  #piece;
  #index = 0;
  #owner = UNKNOWN;

  /** @param {Piece} piece the first one */
  constructor(piece) {
    this.#piece = piece;
  }

  /**
   * Tells who was active within a span of time, of which one does not know where in it: that of V8's clock, a microsecond.
   *
   * @param {number} from as `now` has it
   * @param {number} to before this
   * @returns {object | undefined} undefined if nothing was; UNKNOWN if several were
   */
  ownerWithin(from, to) {
    while (this.#time() <= from) this.#advance();
    let owner = this.#owner;
    let piece = this.#piece;
    let index = this.#index;
    // A look ahead: the next moment may be in this span, too.
    while (piece !== undefined && index < piece.length && piece.times[index] < to) {
      const next = piece.owners[index];
      if (owner === undefined) owner = next;
      else if (next !== undefined && next !== owner) return UNKNOWN;
      index++;
      if (index === PIECE) {
        piece = piece.next;
        index = 0;
      }
    }
    return owner;
  }

  #time() {
    return this.#piece !== undefined && this.#index < this.#piece.length ? this.#piece.times[this.#index] : Infinity;
  }

  #advance() {
    this.#owner = this.#piece.owners[this.#index++];
    if (this.#index < PIECE) return;
    this.#piece = this.#piece.next;
    this.#index = 0;
  }
}

module.exports = { Reader, UNKNOWN, isWatched, countChanges, record, stopRecording, takeChanges };
