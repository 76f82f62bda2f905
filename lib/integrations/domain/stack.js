'use strict';

const { Slot, engine, enter: enterFrame, frameOf, withFrame } = require('../../foundation');

/** The serial number of all frames here: domains are not numbered, and 0 would be a default context. */
const SERIAL = 1;

/** Domains are a namespace of their own, which no registry has. */
const slot = new Slot('domain');

/**
 * One entry into a domain. The engine carries the innermost one into whatever is started there. What encloses it is
 * known only until it is left, or until the callback ends in which it was made: in a later one there is nothing around
 * the domain, as in Node.js.
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

// The application may put setters on Object.prototype; an assignment in the constructor must not run into them.
Object.setPrototypeOf(Entry.prototype, null);

/**
 * The last exception that left a call in a domain, and the innermost entry there. It may be on its way to the top.
 *
 * @type {{ error: unknown, entry: Entry, number: number } | undefined}
 */
let failure;

/** How many exceptions have left calls, to tell those of a call from earlier ones. */
let failures = 0;

/** @returns {Entry | undefined} the innermost entry here */
function top() {
  return frameOf(engine.current(), slot)?.context;
}

/**
 * Makes an entry the innermost one.
 *
 * @param {Entry | undefined} entry
 */
function activate(entry) {
  const now = engine.current();
  const next = withFrame(now, slot, entry?.frame);
  if (next !== now) engine.set(next);
}

/**
 * @param {Entry | undefined} entry
 * @returns {Entry | undefined} the next one outwards of another domain
 */
function outside(entry) {
  let at = entry;
  while (at !== undefined && at.domain === entry.domain) at = at.enclosing;
  return at;
}

function push(domain) {
  const now = engine.current();
  const enclosing = frameOf(now, slot)?.context;
  const entry = new Entry(domain, enclosing);
  const inside = enterFrame(now, slot, entry, SERIAL, undefined, undefined);
  entry.frame = inside.frame;
  engine.set(inside);
  return entry;
}

/** Has an entry that stays forget what encloses it when the running callback ends. */
function forgetLater(entry) {
  queueMicrotask(() => {
    entry.enclosing = undefined;
  });
}

/**
 * Enters a domain.
 *
 * @param {Domain} domain
 */
function enter(domain) {
  const entry = push(domain);
  if (entry.enclosing !== undefined) forgetLater(entry);
}

/**
 * Leaves a domain and all that were entered on top of it. Does nothing if it is not entered.
 *
 * @param {Domain} domain
 */
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
 * Calls a function in a domain. If it throws, the domain is not left: so whoever handles the error finds it.
 *
 * @param {Domain} domain
 * @param {Function} callback
 * @param {unknown} self its `this`
 * @param {unknown[]} args
 * @returns {unknown} what it returns
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
 * Remembers where an exception comes from, as scopes around may restore what was active before them on its way out.
 * That must not last: until the callback ends at most. On its way through several calls the innermost one counts.
 *
 * @param {unknown} error
 * @param {number} before how many failures there were when the call began
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
 * Makes active what was so where an exception happened.
 *
 * @param {unknown} error an exception that has just reached the top
 */
function restore(error) {
  if (failure !== undefined && failure.error === error) activate(failure.entry);
}

module.exports = { activate, callIn, enter, exit, outside, restore, top };
