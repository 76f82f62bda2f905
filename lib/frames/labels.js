'use strict';

/**
 * Labels: values copied to native memory when they are set on a context, for other threads to read. The layout is that of
 * src/label_table.h.
 *
 * Labels lie in pages. A page is in use while its `LabelPage` lives, which the labels of each of its contexts reference, so
 * pages are small. Pages lie in chunks of memory; the core moves them when most of it is free.
 */

const { TextEncoder } = require('node:util');

const { SafeWeakMap } = require('../util/primordials');
const { textOf } = require('../util/value-text');

const core = require('./binding');
const { expectCollection } = require('./collections');
const { checkConstants } = require('./layout');

const { apply } = Reflect;
const { load: atomicLoad, store: atomicStore } = Atomics;
const { charCodeAt, slice } = String.prototype;
const { subarray } = Uint8Array.prototype;

const PAGE_WORDS = 128;
const CHUNK_WORDS = 8192;
const WORD_BYTES = 4;

// An entry: the words of a context's labels.
const TIME = 0;
const FIRST = 1;
const ENTRY_WORDS = 2;

// A label: its header, followed by the text.
const NEXT = 0;
const KEY = 1;
const VERSION = 2;
const LENGTH = 3;
const LABEL_WORDS = 4;

/** How many keys a namespace may expose. */
const MAX_KEYS = 32;

/** Of core.clock: the time, and what lib/observing/watchdog/sampled.js reads. */
const CLOCK_WORDS = 2;

checkConstants({
  __proto__: null,
  entryWords: ENTRY_WORDS,
  labelWords: LABEL_WORDS,
  labelPageWords: PAGE_WORDS,
  labelChunkWords: CHUNK_WORDS,
  labelKeys: MAX_KEYS,
  clockWords: CLOCK_WORDS,
});

/** Flag in KEY: the text is a JSON literal (a number, true, false). */
const LITERAL = 1 << 16;

/** The maximum length of a text in bytes. */
const MAX_BYTES = 128;

/** Appended to truncated texts: `…` in UTF-8. */
const MARK = [0xe2, 0x80, 0xa6];

/** Capacities in bytes. Most texts fit one of the first two; a label that outgrows its capacity moves to one of the last. */
const SMALL = 16;
const MEDIUM = 40;
const LARGE = MAX_BYTES + 4;

const encoder = new TextEncoder();
const { encodeInto } = encoder;

/** By a chunk's words: its bytes. */
const bytesOf = new SafeWeakMap();

/** Owns a page. The core closes the page when this object is collected. */
class LabelPage {
  constructor() {
    /** The number of the page's first word. */
    this.first = core.openLabelPage(this);
    this.next = 0;
    this.words = undefined;
    this.bytes = undefined;
    /** The page's offset in its chunk. */
    this.base = 0;
    this.locate();
  }

  /** Looks up the page's location, after it was opened or moved. */
  locate() {
    const words = core.labelMemoryOf(this.first);
    let bytes = bytesOf.get(words);
    if (bytes === undefined) bytesOf.set(words, (bytes = new Uint8Array(words.buffer)));
    this.words = words;
    this.bytes = bytes;
    this.base = core.labelPlaceOf(this.first) % CHUNK_WORDS;
  }
}

class Label {
  constructor(index, page, word, capacity, next) {
    /** The index of the label's key. */
    this.index = index;
    this.page = page;
    this.word = word;
    this.capacity = capacity;
    this.next = next;
  }
}

class Labels {
  constructor(page, word) {
    this.page = page;
    this.word = word;
    /** The latest label, the head of a short linked list. */
    this.last = undefined;
  }

  /** The number by which the core finds them. */
  get number() {
    return this.page.first + this.word;
  }
}

// Assignments in constructors must bypass setters that the application may put on Object.prototype.
for (const { prototype } of [LabelPage, Label, Labels]) Object.setPrototypeOf(prototype, null);

/** The page that is being filled. */
let filled;

function pageWithRoom(words) {
  if (filled === undefined || filled.next + words > PAGE_WORDS) {
    expectCollection(filled === undefined);
    filled = new LabelPage();
  }
  return filled;
}

/** Allocates the labels of a new context, with its approximate creation time. */
function makeLabels() {
  const page = pageWithRoom(ENTRY_WORDS);
  const word = page.next;
  const { base, words } = page;
  page.next += ENTRY_WORDS;
  words[base + word + TIME] = core.clock[0];
  words[base + word + FIRST] = 0;
  return new Labels(page, word);
}

function isLiteral(value) {
  return typeof value === 'boolean' || (typeof value === 'number' && value - value === 0);
}

/** Writes a text that is ASCII and fits; returns its length in bytes, or -1. */
function writeAscii(text, bytes, at, capacity) {
  const { length } = text;
  if (length > capacity || length > MAX_BYTES) return -1;
  for (let index = 0; index < length; index++) {
    const code = apply(charCodeAt, text, [index]);
    if (code > 0x7f) return -1;
    bytes[at + index] = code;
  }
  return length;
}

/** Writes a text, truncated between characters if necessary; returns its length in bytes. */
function writeText(text, bytes, at) {
  const begin = text.length > MAX_BYTES ? apply(slice, text, [0, MAX_BYTES]) : text;
  const room = apply(subarray, bytes, [at, at + MAX_BYTES]);
  const { read, written } = apply(encodeInto, encoder, [begin, room]);
  if (read === text.length) return written;
  for (let index = 0; index < MARK.length; index++) bytes[at + written + index] = MARK[index];
  return written + MARK.length;
}

function capacityFor(text) {
  if (text.length > MEDIUM) return LARGE;
  return text.length > SMALL ? MEDIUM : SMALL;
}

/** Prepends a new label. It becomes visible to readers once it is complete. */
function addLabel(own, index, key, text, capacity) {
  const size = LABEL_WORDS + capacity / WORD_BYTES;
  const page = pageWithRoom(size);
  const word = page.next;
  const { base, bytes, words } = page;
  const place = base + word;
  const at = (place + LABEL_WORDS) * WORD_BYTES;
  let length = writeAscii(text, bytes, at, capacity);
  if (length === -1) {
    if (capacity !== LARGE) {
      addLabel(own, index, key, text, LARGE);
      return;
    }
    length = writeText(text, bytes, at);
  }
  page.next += size;
  const first = own.page.base + own.word + FIRST;
  words[place + NEXT] = own.page.words[first];
  words[place + KEY] = key;
  words[place + VERSION] = 0;
  words[place + LENGTH] = length;
  own.last = new Label(index, page, word, capacity, own.last);
  atomicStore(own.page.words, first, page.first + word);
}

/**
 * Starts overwriting a label: an odd version warns readers. Loading it again keeps later stores from being visible earlier.
 * @returns {number} the version to store afterwards
 */
function beginWrite(words, place) {
  const version = words[place + VERSION];
  atomicStore(words, place + VERSION, version + 1);
  atomicLoad(words, place + VERSION);
  return version + 2;
}

/** The latest label of a key. Earlier ones were too small. */
function findLabel(own, index) {
  let label = own.last;
  while (label !== undefined && label.index !== index) label = label.next;
  return label;
}

/** Overwrites a label. Returns false if the text doesn't fit; the label is then unreadable. */
function rewrite({ page, word, capacity }, key, text) {
  const { base, bytes, words } = page;
  const place = base + word;
  const at = (place + LABEL_WORDS) * WORD_BYTES;
  const version = beginWrite(words, place);
  let length = writeAscii(text, bytes, at, capacity);
  if (length === -1 && capacity === LARGE) length = writeText(text, bytes, at);
  words[place + KEY] = key;
  words[place + LENGTH] = length;
  atomicStore(words, place + VERSION, version);
  return length !== -1;
}

/**
 * Copies a value to a context's labels; does nothing if memory is exhausted.
 * @param {Labels} own
 * @param {number} index of the key
 * @param {unknown} value
 */
function setLabel(own, index, value) {
  const text = typeof value === 'string' ? value : textOf(value);
  const key = isLiteral(value) ? index | LITERAL : index;
  const label = findLabel(own, index);
  if (label !== undefined && rewrite(label, key, text)) return;
  try {
    addLabel(own, index, key, text, label === undefined ? capacityFor(text) : LARGE);
  } catch {
    // No memory.
  }
}

function deleteLabel(own, index) {
  const label = findLabel(own, index);
  if (label === undefined) return;
  const { base, words } = label.page;
  const place = base + label.word;
  const version = beginWrite(words, place);
  words[place + LENGTH] = -1;
  atomicStore(words, place + VERSION, version);
}

module.exports = { MAX_KEYS, deleteLabel, makeLabels, setLabel };
