'use strict';

/** A string or the end of the section, after what separates. */
const NEXT = /[\s,]*(?:("[^"\\]*(?:\\.[^"\\]*)*")|\])/y;

/** The strings of a heap snapshot, which are decoded when they are read: few ever are. */
class Strings {
  /** As JSON, of which each character is a byte. */
  #all = [];
  #rest = '';
  #known = new Map();

  isComplete = false;

  /** Reads strings up to the end of the section or chunk, like `Numbers`. */
  read(chunk, from) {
    const text = this.#rest + chunk.latin1Slice(from);
    let end = 0;
    NEXT.lastIndex = 0;
    for (let found = NEXT.exec(text); found !== null; found = NEXT.exec(text)) {
      end = NEXT.lastIndex;
      this.isComplete = found[1] === undefined;
      if (this.isComplete) return chunk.length - (text.length - end);
      this.#all.push(found[1]);
    }
    this.#rest = text.slice(end);
    return chunk.length + 1;
  }

  get(index) {
    return index < this.#all.length ? JSON.parse(Buffer.from(this.#all[index], 'latin1').toString()) : '';
  }

  /** The index of an ASCII string; -1 if there is none. */
  indexOf(text) {
    if (!this.#known.has(text)) this.#known.set(text, this.#all.indexOf(JSON.stringify(text)));
    return this.#known.get(text);
  }

  /** Which strings contain an ASCII text: 1 for each of these. */
  containing(text) {
    return Uint8Array.from(this.#all, (each) => Number(each.includes(text)));
  }
}

module.exports = { Strings };
