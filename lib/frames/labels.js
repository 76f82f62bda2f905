'use strict';

/**
 * Labels: values that are copied to native memory when they are set on a context, so that another thread can read them. Their
 * layout is that of src/label_table.h.
 *
 * They lie in pages, which are small, as a page is in use for as long as its `LabelPage` lives, which the labels of each context in it
 * hold. Pages lie in chunks of memory, and the core moves them when most of that is free.
 */

const { TextEncoder } = require('node:util');

const { SafeWeakMap } = require('../util/primordials');

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

// The words of an entry, and how many it has.
const TIME = 0;
const FIRST = 1;
const ENTRY_WORDS = 2;

// The words of a label, and how many it has before its text.
const NEXT = 0;
const KEY = 1;
const VERSION = 2;
const LENGTH = 3;
const LABEL_WORDS = 4;

/** How many keys a namespace may expose. */
const MAX_KEYS = 32;

checkConstants({
  __proto__: null,
  entryWords: ENTRY_WORDS,
  labelWords: LABEL_WORDS,
  labelPageWords: PAGE_WORDS,
  labelChunkWords: CHUNK_WORDS,
  labelKeys: MAX_KEYS,
});

/** Added to a key whose text is a literal of JSON: a number, true, false. */
const LITERAL = 1 << 16;

/** How many bytes of a text are kept. */
const MAX_BYTES = 128;

/** Follows a text that was cut: `…` in UTF-8. */
const MARK = [0xe2, 0x80, 0xa6];

/** Room for texts, in bytes: most need one of the first two. A label moves once at most, to the last one. */
const SMALL = 16;
const MEDIUM = 40;
const LARGE = MAX_BYTES + 4;

/** No other bigint is written out: a longer one takes long. */
const MAX_BIGINT = 10n ** BigInt(MAX_BYTES);

const encoder = new TextEncoder();
const { encodeInto } = encoder;

/** By a chunk's words, its bytes. */
const bytesOf = new SafeWeakMap();

/** Owns a page: the core closes the page when this was collected. */
class LabelPage {
  constructor() {
    /** The number of its first word. */
    this.first = core.openLabelPage(this);
    this.next = 0;
    this.words = undefined;
    this.bytes = undefined;
    /** Where in the chunk it begins. */
    this.base = 0;
    this.locate();
  }

  /** Finds where it is: to be called when it was opened or moved. */
  locate() {
    const words = core.labelMemoryOf(this.first);
    let bytes = bytesOf.get(words);
    if (bytes === undefined) bytesOf.set(words, (bytes = new Uint8Array(words.buffer)));
    this.words = words;
    this.bytes = bytes;
    this.base = core.labelPlaceOf(this.first) % CHUNK_WORDS;
  }
}

/** One label of a context. */
class Label {
  constructor(index, page, word, capacity, next) {
    /** Of its key. */
    this.index = index;
    this.page = page;
    this.word = word;
    this.capacity = capacity;
    this.next = next;
  }
}

/** The labels of one context. */
class Labels {
  constructor(page, word) {
    this.page = page;
    this.word = word;
    /** The label that was added last, which leads to the others: they are few. */
    this.last = undefined;
  }

  /** The number by which the core finds them. */
  get number() {
    return this.page.first + this.word;
  }
}

// The application may put setters on Object.prototype; an assignment in a constructor must not run into them.
for (const { prototype } of [LabelPage, Label, Labels]) Object.setPrototypeOf(prototype, null);

/** The page that is being filled. */
let filled;

/** A page with room for some words. */
function pageWithRoom(words) {
  if (filled === undefined || filled.next + words > PAGE_WORDS) {
    expectCollection(filled === undefined);
    filled = new LabelPage();
  }
  return filled;
}

/** Makes the labels of a new context: none, and about the time at which it was made. */
function makeLabels() {
  const page = pageWithRoom(ENTRY_WORDS);
  const word = page.next;
  const { base, words } = page;
  page.next += ENTRY_WORDS;
  words[base + word + TIME] = core.clock[0];
  words[base + word + FIRST] = 0;
  return new Labels(page, word);
}

/** What is written of a value that is no string: its text, or its type. */
function textOf(value) {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return `${value}`;
    case 'bigint':
      return value < MAX_BIGINT && value > -MAX_BIGINT ? `${value}` : '[bigint]';
    default:
      return value === null ? '[null]' : `[${typeof value}]`;
  }
}

function isLiteral(value) {
  return typeof value === 'boolean' || (typeof value === 'number' && value - value === 0);
}

/** Writes a text if all of it is ASCII and there is room for it, and returns its length in bytes; else -1. */
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

/** Writes as much of a text as there is room for, cut between characters and marked, and returns its length in bytes. */
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

/** Puts a new label in front of the others. Nobody sees it before it is complete. */
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
 * Begins to write over a label. The version is odd until this is over; to load it keeps what follows from being seen before.
 *
 * @returns {number} the version to end with
 */
function beginWrite(words, place) {
  const version = words[place + VERSION];
  atomicStore(words, place + VERSION, version + 1);
  atomicLoad(words, place + VERSION);
  return version + 2;
}

/** The label of a key. If it needed more room there are several: the one that was added last counts. */
function findLabel(own, index) {
  let label = own.last;
  while (label !== undefined && label.index !== index) label = label.next;
  return label;
}

/** Writes over a label, and says whether it has room for the text. If not, nobody can read it from here on. */
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
 * Copies a value to a context's labels. If there is no memory for it, there is no label.
 *
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

/** Takes a label away. */
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
