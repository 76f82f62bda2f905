'use strict';

/** The reports of blocked turns. They refer weakly to the contexts that had a share. */

const { SafeWeakMap } = require('../../util/primordials');

const { parse } = JSON;
const { defineProperty } = Object;

/** How many reports are kept per context, the latest ones. */
const MOST = 100;

/** Adds a property that JSON, structuredClone and the console leave out. */
function addHidden(object, name, get) {
  defineProperty(object, name, { __proto__: null, get, enumerable: false, configurable: true });
}

/** The contexts of notes that are still in memory. */
function contextsOf(notes) {
  const contexts = [];
  for (const note of notes) {
    const context = note.ref.deref();
    if (context !== undefined) contexts.push(context);
  }
  return contexts;
}

/** Adds the contexts to a report. Returns the notes of those with a share, and of those that enclose them. */
function addContexts(blocked, slots, sampled) {
  const named = new Set();
  const sharing = new Set();
  for (const [index, { contexts, shares }] of blocked.namespaces.entries()) {
    const find = (each) => {
      const note = sampled.find(slots[index], each.serial);
      addHidden(each, 'context', () => note?.ref.deref());
      if (note !== undefined) named.add(note);
      return note;
    };
    for (const each of contexts) find(each);
    for (const each of shares) for (let note = find(each); note !== undefined; note = note.outer) sharing.add(note);
  }
  // Also those that enclose them: a line that was written late names no contexts.
  sharing.forEach((note) => named.add(note));
  addHidden(blocked, 'contexts', () => contextsOf(named));
  return sharing;
}

/** Creates the report of a Turn, see src/addon_watch.h. */
function toBlocked({ 0: line, 1: duration, 2: cpu, 4: stack }) {
  const { time, pid, thread, report, unknown, namespaces } = parse(`${line}}`);
  return {
    time,
    pid,
    thread,
    duration,
    cpu: cpu < 0 ? null : cpu,
    reports: report,
    ...(unknown !== undefined && { unknown }),
    namespaces,
    stack: parse(stack),
  };
}

/** The reports of a watchdog by context. Keeps no context alive. */
class Reports {
  #byContext = new SafeWeakMap();
  #sampled;

  /** @param {Sampled} sampled */
  constructor(sampled) {
    this.#sampled = sampled;
  }

  /** Creates the report of a turn that is over, and keeps it for its contexts. */
  add(turn) {
    const blocked = toBlocked(turn);
    for (const context of contextsOf(addContexts(blocked, turn[5], this.#sampled))) {
      const reports = this.#byContext.get(context) ?? [];
      reports.push(blocked);
      if (reports.length > MOST) reports.shift();
      this.#byContext.set(context, reports);
    }
    return blocked;
  }

  /**
   * @param {Context} context
   * @param {Array | undefined} current a Turn that is not over
   * @returns {object[]} the reports of turns in which the context, or one that it encloses, had a share; the latest last
   */
  of(context, current) {
    const reports = [...(this.#byContext.get(context) ?? [])];
    if (current === undefined) return reports;
    this.#sampled.noteActive();
    const blocked = toBlocked(current);
    if (contextsOf(addContexts(blocked, current[5], this.#sampled)).includes(context)) reports.push(blocked);
    return reports;
  }
}

module.exports = { Reports };
