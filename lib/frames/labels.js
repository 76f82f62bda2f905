'use strict';

/**
 * Labels: values that are copied to native memory when they are set on a context, so that another thread can read them. Their
 * layout is that of src/label_table.h.
 *
 * They lie in pages. A page is in use for as long as its `LabelPage` lives, which the labels of each context in it hold.
 */

const { SafeMap } = require('../util/primordials');
const core = require('./binding');
const { expectCollection } = require('./collections');
const { checkConstants } = require('./layout');

const { apply } = Reflect;
const { load: atomicLoad, store: atomicStore } = Atomics;
const { charCodeAt, slice } = String.prototype;
const { subarray } = Uint8Array.prototype;

const PAGE_WORDS = 4096;
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
  labelKeys: MAX_KEYS,
});

/** Added to a key whose text is a literal of JSON: a number, true, false. */
const LITERAL = 1 << 16;

/** How many bytes of a text are kept. */
const MAX_BYTES = 128;

/** Follows a text that was cut: `…` in UTF-8. */
const MARK = [0xe2, 0x80, 0xa6];

/** Room for texts, in bytes: most need one of the first two. A label moves at most twice, so that it is not for ever growing. */
const SMALL = 16;
const MEDIUM = 40;
const LARGE = MAX_BYTES + 4;

/** No other bigint is written out: a longer one takes long. */
const MAX_BIGINT = 10n ** BigInt(MAX_BYTES);

const encoder = new TextEncoder();
const { encodeInto } = encoder;

/** Owns a page: the core closes the page when this was collected. */
class LabelPage {
  constructor() {
    /** The number of its first word. */
    this.first = core.openLabelPage(this);
    this.words = core.labelMemoryOf(this.first);
    this.bytes = new Uint8Array(this.words.buffer);
    this.next = 0;
  }
}

/** One label of a context. */
class Label {
  constructor(page, word, capacity) {
    this.page = page;
    this.word = word;
    this.capacity = capacity;
  }
}

/** The labels of one context. */
class Labels {
  constructor(page, word) {
    this.page = page;
    this.word = word;
    /** By the index of the key. */
    this.labels = undefined;
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
  page.next += ENTRY_WORDS;
  page.words[word + TIME] = core.clock[0];
  page.words[word + FIRST] = 0;
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

/** Whether all of a text is ASCII, and short. */
function isShortAscii(text) {
  const { length } = text;
  if (length > MAX_BYTES) return false;
  for (let index = 0; index < length; index++) {
    if (apply(charCodeAt, text, [index]) > 0x7f) return false;
  }
  return true;
}

/** Writes a text of ASCII, and returns its length in bytes. */
function writeAscii(text, bytes, at) {
  const { length } = text;
  for (let index = 0; index < length; index++) bytes[at + index] = apply(charCodeAt, text, [index]);
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

function capacityFor(text, isAscii) {
  if (!isAscii || text.length > MEDIUM) return LARGE;
  return text.length > SMALL ? MEDIUM : SMALL;
}

/** Puts a new label in front of the others. Nobody sees it before it is complete. */
function addLabel(own, index, key, text, isAscii) {
  const capacity = capacityFor(text, isAscii);
  const size = LABEL_WORDS + capacity / WORD_BYTES;
  const page = pageWithRoom(size);
  const word = page.next;
  page.next += size;
  const { words } = page;
  const at = (word + LABEL_WORDS) * WORD_BYTES;
  words[word + NEXT] = own.page.words[own.word + FIRST];
  words[word + KEY] = key;
  words[word + VERSION] = 0;
  words[word + LENGTH] = isAscii ? writeAscii(text, page.bytes, at) : writeText(text, page.bytes, at);
  own.labels ??= new SafeMap();
  own.labels.set(index, new Label(page, word, capacity));
  atomicStore(own.page.words, own.word + FIRST, page.first + word);
}

/**
 * Begins to write over a label. The version is odd until this is over; to load it keeps what follows from being seen before.
 *
 * @returns {number} the version to end with
 */
function beginWrite(words, word) {
  const version = words[word + VERSION];
  atomicStore(words, word + VERSION, version + 1);
  atomicLoad(words, word + VERSION);
  return version + 2;
}

/** Writes over a label that has room for the text. */
function rewrite({ page, word }, key, text, isAscii) {
  const { words, bytes } = page;
  const at = (word + LABEL_WORDS) * WORD_BYTES;
  const version = beginWrite(words, word);
  words[word + KEY] = key;
  words[word + LENGTH] = isAscii ? writeAscii(text, bytes, at) : writeText(text, bytes, at);
  atomicStore(words, word + VERSION, version);
}

/**
 * Copies a value to a context's labels. If there is no memory for it, the label stays what it was.
 *
 * @param {Labels} own
 * @param {number} index of the key
 * @param {unknown} value
 */
function setLabel(own, index, value) {
  const text = typeof value === 'string' ? value : textOf(value);
  const key = isLiteral(value) ? index | LITERAL : index;
  const isAscii = isShortAscii(text);
  const label = own.labels?.get(index);
  if (label !== undefined && capacityFor(text, isAscii) <= label.capacity) {
    rewrite(label, key, text, isAscii);
    return;
  }
  try {
    addLabel(own, index, key, text, isAscii);
  } catch {
    // No memory.
  }
}

/** Takes a label away. */
function deleteLabel(own, index) {
  const label = own.labels?.get(index);
  if (label === undefined) return;
  const { page, word } = label;
  const version = beginWrite(page.words, word);
  page.words[word + LENGTH] = -1;
  atomicStore(page.words, word + VERSION, version);
}

module.exports = { MAX_KEYS, deleteLabel, makeLabels, setLabel };
