'use strict';

/**
 * What owns a page of records.
 *
 * A record is the native half of a frame or a snapshot: seven words in memory that is shared with the core. Records lie in pages
 * of 64, pages in chunks of 32. A page is in use for as long as its `Page` lives, which each frame and snapshot of it holds.
 */

const core = require('./binding');
const { expectCollection } = require('./collections');
const { checkConstants } = require('./layout');

// The layout of a record: the place of each of its words. `struct Record` in src/frame_table.h says what they mean.
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

/** The last bits of a record's number say where in its chunk it is. */
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

/** Owns a page: the core closes the page when this was collected. */
class Page {
  /** @param {Page | undefined} last the page that was opened before; it is mostly in the same chunk of memory */
  constructor(last) {
    const first = core.openPage(this);
    /** The number of the next record, and of the one after the last. */
    this.next = first;
    this.end = first + RECORDS_PER_PAGE;
    // `last` may be full: then its next record is not its own any more.
    const isInSameChunk = last !== undefined && ((first ^ (last.end - 1)) & ~IN_CHUNK) === 0;
    /** The memory of the chunk. */
    this.words = isInSameChunk ? last.words : core.memoryOf(first);
  }

  /**
   * Takes a record. The page must have room for it.
   *
   * @returns {number} the record's number
   */
  take() {
    return this.next++;
  }

  /**
   * @param {number} record of this page
   * @returns {number} the index of its first word in `words`
   */
  wordOf(record) {
    return (record & IN_CHUNK) * WORDS;
  }
}

// The application may put setters on Object.prototype; an assignment in a constructor must not run into them.
Object.setPrototypeOf(Page.prototype, null);

/** The page that is being filled. */
let page;

function openPage() {
  expectCollection(page === undefined);
  page = new Page(page);
  return page;
}

/** @returns {Page} the page that is being filled, with room for another record at least */
function pageWithRoom() {
  return page !== undefined && page.next !== page.end ? page : openPage();
}

module.exports = { DEPTH, ENCLOSING, FRAME, LABELS, NEXT, SERIAL, SLOT, pageWithRoom };
