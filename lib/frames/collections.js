'use strict';

/**
 * Detects garbage collections: a FinalizationRegistry calls back after an unreferenced object was collected. Unlike a timer,
 * this neither keeps the process alive nor costs an idle program anything. Memory of the core is freed then.
 */

const core = require('./binding');

const { FinalizationRegistry } = globalThis;
const { register } = FinalizationRegistry.prototype;
const { apply } = Reflect;

const collections = new FinalizationRegistry((callback) => callback());

/**
 * Calls a function once after the next garbage collection, in a turn of its own.
 * @param {() => void} callback must not throw
 */
function afterCollection(callback) {
  apply(register, collections, [{}, callback]);
}

/** Whether a callback is registered. Unneeded while only the pages that are being filled are open. */
let isWaiting = false;

/** How many pages are being filled: one of records, one of labels. */
let filled = 0;

function waitForCollection() {
  afterCollection(reclaim);
  isWaiting = true;
}

function reclaim() {
  isWaiting = false;
  core.moveLabelPages();
  let page;
  while ((page = core.nextMovedLabelPage()) !== undefined) page.locate();
  if (core.reclaim() > filled) waitForCollection();
}

/**
 * Must be called before a page is opened.
 * @param {boolean} isFirst whether it is the first page of its kind
 */
function expectCollection(isFirst) {
  if (isFirst) filled++;
  if (!isWaiting) waitForCollection();
}

module.exports = { afterCollection, expectCollection };
