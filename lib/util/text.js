'use strict';

/**
 * Copies of strings for long-term storage. A substring or concatenation in V8 references the original: 128 characters of a
 * megabyte body would keep the megabyte.
 */

const { Buffer } = require('node:buffer');

const { apply } = Reflect;
const { charCodeAt, slice } = String.prototype;
const { ucs2Slice, ucs2Write } = Buffer.prototype;

/** V8 copies shorter substrings. */
const SHORTEST = 13;

/** The maximum length of a copy. */
const MOST = 512;

const MARK = '…';

const BYTES = 2;

/** A buffer for copying. UTF-16 keeps unpaired surrogates intact. */
const room = Buffer.alloc(MOST * BYTES);

const isHighSurrogate = (code) => code >= 0xd800 && code <= 0xdbff;
const isLowSurrogate = (code) => code >= 0xdc00 && code <= 0xdfff;

function splitsPair(text, at) {
  return isHighSurrogate(apply(charCodeAt, text, [at - 1])) && isLowSurrogate(apply(charCodeAt, text, [at]));
}

/**
 * Truncates a text. The result may reference the whole text.
 * @param {string} text
 * @param {number} most characters
 * @returns {string} the text itself if it is short enough; else a prefix and `…`, without splitting a surrogate pair
 */
function beginningOf(text, most) {
  if (text.length <= most) return text;
  return `${apply(slice, text, [0, splitsPair(text, most) ? most - 1 : most])}${MARK}`;
}

/** Copies a text of at most 512 characters, without a reference to another string. */
function copyText(text) {
  const { length } = text;
  return length < SHORTEST ? text : apply(ucs2Slice, room, [0, apply(ucs2Write, room, [text, 0, length * BYTES])]);
}

module.exports = { beginningOf, copyText };
