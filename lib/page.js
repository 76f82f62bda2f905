'use strict';

const core = require('./binding');

// The layout of a record, word for word as in src/frame_table.h.
const SLOT = 0;
const ENCLOSING = 1;
const DEPTH = 2;
const SERIAL = 3;
const FRAME = 4;
const NEXT = 5;
const WORDS = 6;
const RECORDS_PER_PAGE = 64;
const RECORDS_PER_CHUNK_MASK = 64 * 32 - 1;

class Page {
  constructor(last) {
    this.next = core.openPage(this);
    this.end = this.next + RECORDS_PER_PAGE;
    const inSameChunk = last !== null && ((this.next ^ (last.end - 1)) & ~RECORDS_PER_CHUNK_MASK) === 0;
    this.words = inSameChunk ? last.words : core.memoryOf(this.next);
  }

  take() {
    return this.next++;
  }

  wordOf(record) {
    return (record & RECORDS_PER_CHUNK_MASK) * WORDS;
  }
}
Object.setPrototypeOf(Page.prototype, null);

let page = null;

function pageWithRoom() {
  return page !== null && page.next !== page.end ? page : (page = new Page(page));
}

module.exports = { DEPTH, ENCLOSING, FRAME, NEXT, SERIAL, SLOT, pageWithRoom };
