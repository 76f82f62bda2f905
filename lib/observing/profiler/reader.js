'use strict';

const { PIECE, UNKNOWN, WAITING } = require('./switches');

/** How long after a wait, in microseconds, its sample may be taken. */
const DELIVERY = 100;

/** Looks up the owners of chronologically ordered times. */
class Reader {
  #piece;
  #owners;
  #index = 0;
  #owner = UNKNOWN;

  /** @param {{ first: Piece, owners: (Owner | undefined)[] } | undefined} changes undefined if they are unreliable */
  constructor(changes) {
    this.#piece = changes?.first;
    this.#owners = changes?.owners;
  }

  /**
   * Whether the loop waited at a time, or until just before it: V8's signals are delivered at the end of a wait. Called before
   * `ownerWithin`, with a time that is not before those of earlier calls.
   * @param {number} time in microseconds
   */
  hasWaited(time) {
    if (this.#piece === undefined) return true;
    this.#passUntil(time - DELIVERY);
    let piece = this.#piece;
    let index = this.#index;
    let owner = this.#owner;
    while (owner !== WAITING && timeAt(piece, index) <= time) {
      owner = this.#owners[piece.numbers[index]];
      if (++index === PIECE) {
        piece = piece.next;
        index = 0;
      }
    }
    return owner === WAITING || owner === UNKNOWN;
  }

  /**
   * The owner within a time span, because V8 truncates times to microseconds.
   * @param {number} from in microseconds
   * @param {number} to exclusive
   * @returns {Owner | undefined} undefined for none; UNKNOWN for several; WAITING if the loop waited
   */
  ownerWithin(from, to) {
    this.#passUntil(from);
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

  /** Moves on past the changes until a time. */
  #passUntil(time) {
    while (timeAt(this.#piece, this.#index) <= time) {
      this.#owner = this.#owners[this.#piece.numbers[this.#index]];
      if (++this.#index === PIECE) {
        this.#piece = this.#piece.next;
        this.#index = 0;
      }
    }
  }
}

function timeAt(piece, index) {
  return piece !== undefined && index < piece.length ? piece.moments.microseconds(index) : Infinity;
}

module.exports = { Reader };
