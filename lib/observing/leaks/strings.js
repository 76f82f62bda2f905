'use strict';

const { indexOfLast } = require('./search');

const [QUOTE, BACKSLASH, CLOSING] = Buffer.from('"\\]');

const OUTSIDE = 0;
const INSIDE = 1;
const ESCAPED = 2;

/** The strings of a heap snapshot, which are decoded when they are read: few ever are. */
class Strings {
  #state = OUTSIDE;
  #chunks = [];
  #length = 0;
  #bytes;

  /** By string: where its bytes begin. Grows. */
  #starts = new Uint32Array(4096);
  #known = new Map();

  count = 0;

  get isComplete() {
    return this.#bytes !== undefined;
  }

  /** Reads strings up to the end of the section or chunk, like `Numbers`. */
  read(chunk, from) {
    let state = this.#state;
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (state === INSIDE) {
        if (byte === QUOTE) state = OUTSIDE;
        else if (byte === BACKSLASH) state = ESCAPED;
      } else if (state === ESCAPED) {
        state = INSIDE;
      } else if (byte === QUOTE) {
        state = INSIDE;
        this.#begin(this.#length + at - from);
      } else if (byte === CLOSING) {
        this.#keep(chunk.subarray(from, at));
        this.#begin(this.#length);
        this.count--;
        this.#bytes = Buffer.concat(this.#chunks);
        this.#chunks = undefined;
        return at + 1;
      }
    }
    this.#state = state;
    this.#keep(chunk.subarray(from));
    return chunk.length + 1;
  }

  #keep(bytes) {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  #begin(at) {
    if (this.count === this.#starts.length) {
      const larger = new Uint32Array(2 * this.count);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    this.#starts[this.count++] = at;
  }

  /** The bytes of a string and its quotes. */
  #encoded(index) {
    const end = this.#bytes.lastIndexOf(QUOTE, this.#starts[index + 1] - 1);
    return this.#bytes.subarray(this.#starts[index], end + 1);
  }

  get(index) {
    return index < this.count ? JSON.parse(this.#encoded(index).toString()) : '';
  }

  /** The index of an ASCII string; -1 if there is none. */
  indexOf(text) {
    let index = this.#known.get(text);
    if (index === undefined) {
      const encoded = JSON.stringify(text);
      index = this.#search(encoded, (at) => this.#encoded(at).length === encoded.length).next().value ?? -1;
      this.#known.set(text, index);
    }
    return index;
  }

  /** The indices of the strings that contain an ASCII text. */
  containing(text) {
    return this.#search(text, () => true);
  }

  *#search(text, accepts) {
    for (let at = this.#bytes.indexOf(text); at !== -1; at = this.#bytes.indexOf(text, at + text.length)) {
      const index = indexOfLast(this.#starts, this.count, at);
      if (accepts(index)) yield index;
    }
  }
}

module.exports = { Strings };
