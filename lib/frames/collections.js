'use strict';

/**
 * Tells of collections of garbage: a collection takes an object with it that nobody holds, and a registry calls back. That keeps no
 * process alive, and a program that is idle needs no timer for it. By it the core gives memory back.
 */

const core = require('./binding');

const { FinalizationRegistry } = globalThis;
const { register } = FinalizationRegistry.prototype;
const { apply } = Reflect;

const collections = new FinalizationRegistry((callback) => callback());

/**
 * Calls a function once, after the next collection of garbage: in a turn of its own, when nothing else is on the stack.
 *
 * @param {() => void} callback it does not throw
 */
function afterCollection(callback) {
  apply(register, collections, [{}, callback]);
}

/** Whether the core is to be asked. With no page open but those that are being filled, there is nothing to wait for. */
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
 * Is to be called before a page is opened.
 *
 * @param {boolean} isFirst whether it is the first one of its kind
 */
function expectCollection(isFirst) {
  if (isFirst) filled++;
  if (!isWaiting) waitForCollection();
}

module.exports = { afterCollection, expectCollection };
