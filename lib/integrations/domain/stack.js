'use strict';

const { Slot, UNNUMBERED, engine, enter: enterFrame, frameOf, withFrame } = require('../../foundation');

/** Domains use an unregistered namespace. */
const slot = new Slot('domain');

/**
 * One entry into a domain. The engine propagates the innermost entry. The enclosing entry is known until this one is left or
 * the current callback ends: as in Node.js, later callbacks have one domain only.
 */
class Entry {
  /**
   * @param {Domain} domain
   * @param {Entry | undefined} enclosing
   */
  constructor(domain, enclosing) {
    this.domain = domain;
    this.enclosing = enclosing;
    this.frame = undefined;
  }
}

// Assignments in the constructor must bypass setters that the application may put on Object.prototype.
Object.setPrototypeOf(Entry.prototype, null);

/**
 * The last exception that left a call in a domain, and the innermost entry there. It may be about to become uncaught.
 * @type {{ error: unknown, entry: Entry, number: number } | undefined}
 */
let failure;

/** How many exceptions have left calls: a position in time. */
let failures = 0;

/** @returns {Entry | undefined} the innermost entry */
function top() {
  return frameOf(engine.current(), slot)?.context;
}

/** Makes an entry the innermost one. */
function activate(entry) {
  const now = engine.current();
  const next = withFrame(now, slot, entry?.frame);
  if (next !== now) engine.set(next);
}

/** @returns {Entry | undefined} the innermost enclosing entry of another domain */
function outside(entry) {
  let at = entry;
  while (at !== undefined && at.domain === entry.domain) at = at.enclosing;
  return at;
}

function push(domain) {
  const now = engine.current();
  const enclosing = frameOf(now, slot)?.context;
  const entry = new Entry(domain, enclosing);
  const inside = enterFrame(now, slot, entry, UNNUMBERED, undefined, undefined);
  entry.frame = inside.frame;
  engine.set(inside);
  return entry;
}

/** Cuts an entry off from its enclosing one at the end of the current callback. */
function forgetLater(entry) {
  queueMicrotask(() => {
    entry.enclosing = undefined;
  });
}

function enter(domain) {
  const entry = push(domain);
  if (entry.enclosing !== undefined) forgetLater(entry);
}

/** Leaves a domain and all domains entered after it. Does nothing if it is not entered. */
function exit(domain) {
  const innermost = top();
  let found = innermost;
  while (found !== undefined && found.domain !== domain) found = found.enclosing;
  if (found === undefined) return;
  const rest = found.enclosing;
  for (let entry = innermost; entry !== rest;) {
    const { enclosing } = entry;
    entry.enclosing = undefined;
    entry = enclosing;
  }
  activate(rest);
}

/**
 * Calls a function in a domain. If it throws, the domain stays entered for the error's handlers.
 * @param {Domain} domain
 * @param {Function} callback
 * @param {unknown} self its `this`
 * @param {unknown[]} args
 * @returns {unknown} its result
 */
function callIn(domain, callback, self, args) {
  const entry = push(domain);
  const before = failures;
  let result;
  try {
    result = Reflect.apply(callback, self, args);
  } catch (error) {
    forgetLater(entry);
    fail(error, before);
    throw error;
  }
  exit(domain);
  return result;
}

/**
 * Records the origin of an exception until the end of the callback, because enclosing scopes may restore earlier entries on its
 * way out. The innermost call counts.
 * @param {unknown} error
 * @param {number} before `failures` when the call began
 */
function fail(error, before) {
  if (failure !== undefined && failure.error === error && failure.number > before) return;
  const latest = { error, entry: top(), number: ++failures };
  failure = latest;
  queueMicrotask(() => {
    if (failure === latest) failure = undefined;
  });
}

/**
 * Restores the entry that was active where an exception was thrown.
 * @param {unknown} error an exception that has just become uncaught
 */
function restore(error) {
  if (failure !== undefined && failure.error === error) activate(failure.entry);
}

module.exports = { activate, callIn, enter, exit, outside, restore, top };
