'use strict';

/**
 * Has the core give memory back after each collection: a collection of garbage that takes frames with it takes an object with
 * it that nobody holds, and that calls us. It keeps no process alive, and a program that is idle needs no timer for it.
 */

const core = require('./binding');

const { FinalizationRegistry } = globalThis;
const { register } = FinalizationRegistry.prototype;
const { apply } = Reflect;

const collections = new FinalizationRegistry(() => {
  isWaiting = false;
  if (core.reclaim() > filled) waitForCollection();
});

/** Whether such an object is there. With no page open but those that are being filled, there is nothing to wait for. */
let isWaiting = false;

/** How many pages are being filled: one of records, one of labels. */
let filled = 0;

function waitForCollection() {
  apply(register, collections, [{}, undefined]);
  isWaiting = true;
}

/**
 * Is to be called before a page is opened.
 *
 * @param {boolean} isFirst whether it is the first one of its kind
 */
function expectCollection(isFirst) {
  if (isFirst) filled++;
  if (!isWaiting) waitForCollection();
}

module.exports = { expectCollection };
