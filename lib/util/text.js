'use strict';

/**
 * Texts that are kept. What V8 cuts from a string, or puts together from several, leads to the whole of these: 128 characters of a
 * body of a megabyte keep the megabyte. So what is kept for long is a copy.
 */

const { Buffer } = require('node:buffer');

const { apply } = Reflect;
const { charCodeAt, slice } = String.prototype;
const { ucs2Slice, ucs2Write } = Buffer.prototype;

/** V8 makes no string of fewer characters that leads to another one. */
const SHORTEST = 13;

/** How long a copy is at most, in characters. */
const MOST = 512;

const MARK = '…';

const BYTES = 2;

/** Where copies are made. The units of UTF-16 stay as they are, also halves of a pair. */
const room = Buffer.alloc(MOST * BYTES);

const isHighSurrogate = (code) => code >= 0xd800 && code <= 0xdbff;
const isLowSurrogate = (code) => code >= 0xdc00 && code <= 0xdfff;

function splitsPair(text, at) {
  return isHighSurrogate(apply(charCodeAt, text, [at - 1])) && isLowSurrogate(apply(charCodeAt, text, [at]));
}

/**
 * The beginning of a text, for now: it may lead to the whole of it.
 *
 * @param {string} text
 * @param {number} most characters
 * @returns {string} the text itself if it is not longer, else what fits and `…`. No pair of surrogates is split
 */
function beginningOf(text, most) {
  if (text.length <= most) return text;
  return `${apply(slice, text, [0, splitsPair(text, most) ? most - 1 : most])}${MARK}`;
}

/**
 * A copy of a text, to be kept: it leads to no other string.
 *
 * @param {string} text of 512 characters at most
 * @returns {string}
 */
function copyText(text) {
  const { length } = text;
  return length < SHORTEST ? text : apply(ucs2Slice, room, [0, apply(ucs2Write, room, [text, 0, length * BYTES])]);
}

module.exports = { beginningOf, copyText };
