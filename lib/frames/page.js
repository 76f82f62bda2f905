'use strict';

/**
 * Pages of records.
 *
 * A record is the native half of a frame or snapshot: seven words in memory shared with the core. A page has 64 records, a
 * chunk 32 pages. A page is in use while its `Page` lives, which each of its frames and snapshots references.
 */

const core = require('./binding');
const { expectCollection } = require('./collections');
const { checkConstants } = require('./layout');

// The words of a record; see `struct Record` in src/frame_table.h.
const SLOT = 0;
const ENCLOSING = 1;
const DEPTH = 2;
const SERIAL = 3;
const FRAME = 4;
const NEXT = 5;
const LABELS = 6;
const WORDS = 7;
const RECORDS_PER_PAGE = 64;
const RECORDS_PER_CHUNK = 2048;

/** Masks a record's number to its index within the chunk. */
const IN_CHUNK = RECORDS_PER_CHUNK - 1;

checkConstants({
  __proto__: null,
  slot: SLOT,
  enclosing: ENCLOSING,
  depth: DEPTH,
  serial: SERIAL,
  frame: FRAME,
  next: NEXT,
  labels: LABELS,
  words: WORDS,
  recordsPerPage: RECORDS_PER_PAGE,
  recordsPerChunk: RECORDS_PER_CHUNK,
});

/** Owns a page. The core closes the page when this object is collected. */
class Page {
  /** @param {Page | undefined} last the previous page, usually in the same chunk */
  constructor(last) {
    const first = core.openPage(this);
    /** The next record, and the end of the page. */
    this.next = first;
    this.end = first + RECORDS_PER_PAGE;
    // `last` may be full: its next record then belongs to another page.
    const isInSameChunk = last !== undefined && ((first ^ (last.end - 1)) & ~IN_CHUNK) === 0;
    this.words = isInSameChunk ? last.words : core.memoryOf(first);
  }

  /** Allocates a record. The page must have room. */
  take() {
    return this.next++;
  }

  /** The index in `words` of a record's first word. */
  wordOf(record) {
    return (record & IN_CHUNK) * WORDS;
  }
}

// Assignments in constructors must bypass setters that the application may put on Object.prototype.
Object.setPrototypeOf(Page.prototype, null);

/** The page that is being filled. */
let page;

function openPage() {
  expectCollection(page === undefined);
  page = new Page(page);
  return page;
}

function pageWithRoom() {
  return page !== undefined && page.next !== page.end ? page : openPage();
}

module.exports = { DEPTH, ENCLOSING, FRAME, LABELS, NEXT, SERIAL, SLOT, pageWithRoom };
