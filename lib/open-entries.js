'use strict';

const { SafeSet } = require('./safe');

/**
 * The entries into a context that are yet to emit `end`: 0 for none, the number of a single one (which it mostly is), or a set
 * of numbers.
 *
 * @typedef {number | Set<number>} OpenEntries
 */

const NONE = 0;

/**
 * @param {OpenEntries} open
 * @param {number} entry
 * @returns {boolean}
 */
function isOpen(open, entry) {
  return typeof open === 'number' ? open === entry : open.has(entry);
}

/**
 * @param {OpenEntries} open
 * @param {number} entry
 * @returns {OpenEntries} the same with another entry
 */
function opened(open, entry) {
  if (open === NONE) return entry;
  let entries = open;
  if (typeof open === 'number') {
    entries = new SafeSet();
    entries.add(open);
  }
  return entries.add(entry);
}

/**
 * @param {OpenEntries} open
 * @param {number} entry one of them
 * @returns {OpenEntries} the same without that entry
 */
function closed(open, entry) {
  if (typeof open === 'number') return NONE;
  open.delete(entry);
  return open.size === 0 ? NONE : open;
}

module.exports = { NONE, closed, isOpen, opened };
