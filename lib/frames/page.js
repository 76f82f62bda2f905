'use strict';

/**
 * What owns a page of records.
 *
 * A record is the native half of a frame or a snapshot: six words in memory that is shared with the core. Records lie in pages
 * of 64, pages in chunks of 32. A page is in use for as long as its `Page` lives, which each frame and snapshot of it holds.
 */

const { withCode } = require('../util/errors');
const core = require('./binding');

const { FinalizationRegistry } = globalThis;
const { register } = FinalizationRegistry.prototype;
const { apply } = Reflect;

// The layout of a record: the place of each of its words. `struct Record` in src/frame_table.h says what they mean.
const SLOT = 0;
const ENCLOSING = 1;
const DEPTH = 2;
const SERIAL = 3;
const FRAME = 4;
const NEXT = 5;
const WORDS = 6;
const RECORDS_PER_PAGE = 64;
const RECORDS_PER_CHUNK = 2048;

/** The last bits of a record's number say where in its chunk it is. */
const IN_CHUNK = RECORDS_PER_CHUNK - 1;

/** Compares the layout with the binary's. The constants are here as well because V8 folds those of a module only. */
function checkLayout() {
  const ours = {
    __proto__: null,
    slot: SLOT,
    enclosing: ENCLOSING,
    depth: DEPTH,
    serial: SERIAL,
    frame: FRAME,
    next: NEXT,
    words: WORDS,
    recordsPerPage: RECORDS_PER_PAGE,
    recordsPerChunk: RECORDS_PER_CHUNK,
  };
  for (const name of Object.keys(ours)) {
    const binarys = core.layout?.[name];
    if (binarys !== ours[name]) {
      throw withCode(
        new Error(
          `The native binary of context belongs to another version of it: its records have ${name} ${binarys}, and lib/ ` +
            `expects ${ours[name]}. To build it anew, run \`npm run build\` in a checkout of it, or where it is installed, ` +
            `\`node node_modules/context/scripts/build-prebuilt.js\`.`,
        ),
        'ERR_CONTEXT_BINDING',
      );
    }
  }
}

checkLayout();

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

/**
 * Has the core give memory back after each collection: a collection of garbage that takes frames with it takes an object with
 * it that nobody holds, and that calls us. It keeps no process alive, and a program that is idle needs no timer for it.
 */
const collections = new FinalizationRegistry(() => {
  isWaiting = false;
  if (core.reclaim() > 1) waitForCollection();
});

/** Whether such an object is there. With no page open but the one that is being filled, there is nothing to wait for. */
let isWaiting = false;

function waitForCollection() {
  apply(register, collections, [{}, undefined]);
  isWaiting = true;
}

function openPage() {
  if (!isWaiting) waitForCollection();
  page = new Page(page);
  return page;
}

/** @returns {Page} the page that is being filled, with room for another record at least */
function pageWithRoom() {
  return page !== undefined && page.next !== page.end ? page : openPage();
}

module.exports = { DEPTH, ENCLOSING, FRAME, NEXT, SERIAL, SLOT, pageWithRoom };
