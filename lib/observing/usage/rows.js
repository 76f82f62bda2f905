'use strict';

const { valuesOf } = require('../../foundation');
const { SafeMap, safeArray } = require('../../util/primordials');
const { beginningOf, copyText } = require('../../util/text');
const { MAX_LENGTH, isLarge } = require('../../util/value-text');

const { apply } = Reflect;
const { sort } = Array.prototype;

/** How many contexts a key is looked up in, from the innermost outwards. */
const NESTED = 32;

/** Rows for values that must not be kept alive. */
const TYPES = {
  __proto__: null,
  object: Symbol('[object]'),
  function: Symbol('[function]'),
  bigint: Symbol('[bigint]'),
};

/** How many of the longest intervals a row remembers: so many accounts can leave it before the longest one is unknown. */
const REMEMBERED = 8;

/** The results for one value of a key; times in milliseconds. */
class Row {
  constructor(id) {
    this.id = id;
    this.time = 0;
    this.cpu = 0;
    this.callbacks = 0;
    this.gc = 0;

    /** How many accounts are counted in this row; 0 for an empty row. */
    this.accounts = 0;

    /** The longest intervals of different accounts, in descending order; `further` is the longest one that did not fit. */
    this.intervals = safeArray();
    this.further = 0;
    this.into = undefined;
  }

  get longest() {
    return this.intervals.length > 0 ? this.intervals[0] : this.further;
  }
}

Object.setPrototypeOf(Row.prototype, null);

/** Adds figures of an account or another row. */
function add(row, time, cpu, callbacks, gc) {
  row.time += time;
  row.cpu += cpu;
  row.callbacks += callbacks;
  row.gc += gc;
}

function addInterval(row, length) {
  const { intervals } = row;
  if (length <= 0) return;
  let at = intervals.length;
  if (at === REMEMBERED) {
    const least = intervals[at - 1];
    row.further = Math.max(row.further, Math.min(least, length));
    if (least >= length) return;
    at--;
  }
  for (; at > 0 && intervals[at - 1] < length; at--) intervals[at] = intervals[at - 1];
  intervals[at] = length;
}

function removeInterval(row, length) {
  const { intervals } = row;
  let at = 0;
  while (at < intervals.length && intervals[at] !== length) at++;
  if (at === intervals.length) return;
  for (; at < intervals.length - 1; at++) intervals[at] = intervals[at + 1];
  intervals.length--;
}

/** Replaces the longest interval of an account. */
function replaceInterval(row, before, now) {
  if (before === now) return;
  removeInterval(row, before);
  addInterval(row, now);
}

/** Merges another row. */
function addRow(row, other) {
  add(row, other.time, other.cpu, other.callbacks, other.gc);
  row.accounts += other.accounts;
  row.further = Math.max(row.further, other.further);
  for (let index = 0; index < other.intervals.length; index++) addInterval(row, other.intervals[index]);
}

/** The row with a row's figures: itself, or the rest after a merge. */
function merged(row) {
  return row.into ?? row;
}

/** Converts a value to a key of the map of rows. */
function idOf(value) {
  switch (typeof value) {
    case 'string':
      return beginningOf(value, MAX_LENGTH);
    case 'bigint':
      return isLarge(value) ? TYPES.bigint : value;
    case 'object':
      return value === null ? null : TYPES.object;
    case 'function':
      return TYPES.function;
    default:
      return value;
  }
}

/** Formats the value of a row. */
function displayed(id) {
  return id === TYPES.object || id === TYPES.function || id === TYPES.bigint ? id.description : id;
}

/** Looks a value up like `get`, except in default contexts; undefined if that throws. */
function find(entry, key) {
  try {
    let left = NESTED;
    for (let at = entry; at !== undefined && left > 0; at = at.parent, left--) {
      const values = valuesOf(at.context);
      const value = values[key];
      if (value !== undefined || key in values) return value;
    }
  } catch {
    // A getter threw.
  }
  return undefined;
}

/** The rows of a key: at most twice `maxRows`, after which the small ones are merged. */
class Rows {
  #byId = new SafeMap();
  #unset = new Row(undefined);
  #rest = new Row(undefined);

  constructor(key, maxRows) {
    this.key = key;
    this.maxRows = maxRows;
  }

  /** Finds or creates the row of an account. */
  rowOf(account) {
    let value = find(account.entry, this.key);
    const { others } = account;
    for (let index = 0; value === undefined && others !== undefined && index < others.length; index++) {
      value = find(others[index], this.key);
    }
    const id = idOf(value);
    if (id === undefined) return this.#unset;
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    if (this.#byId.size >= 2 * this.maxRows) this.#merge();
    const row = new Row(typeof id === 'string' ? copyText(id) : id);
    this.#byId.set(row.id, row);
    return row;
  }

  /**
   * Removes an account's figures from a row. An empty row is deleted.
   * @param {Row} row its row; the rest, if that was merged
   * @param {{ time: number, cpu: number, callbacks: number, gc: number, longest: number }} had
   */
  leave(row, { time, cpu, callbacks, gc, longest }) {
    if (--row.accounts > 0) {
      add(row, -time, -cpu, -callbacks, -gc);
      removeInterval(row, longest);
      return;
    }
    // Discards rounding errors.
    row.time = row.cpu = row.callbacks = row.gc = row.further = row.intervals.length = 0;
    if (row !== this.#unset && row !== this.#rest) this.#byId.delete(row.id);
  }

  #sorted() {
    const rows = safeArray();
    this.#byId.forEach((row) => (rows[rows.length] = row));
    return apply(sort, rows, [(one, other) => other.time - one.time]);
  }

  /** Keeps the largest rows and merges the others into the rest. */
  #merge() {
    const rows = this.#sorted();
    for (let index = this.maxRows; index < rows.length; index++) {
      const row = rows[index];
      addRow(this.#rest, row);
      row.into = this.#rest;
      this.#byId.delete(row.id);
    }
  }

  /** @returns {{ rows: Row[], unset: Row, rest: Row }} at most `maxRows` rows, largest first, and the sum of the others */
  totals() {
    const rows = this.#sorted();
    const rest = new Row(undefined);
    addRow(rest, this.#rest);
    for (let index = this.maxRows; index < rows.length; index++) addRow(rest, rows[index]);
    if (rows.length > this.maxRows) rows.length = this.maxRows;
    return { rows, unset: this.#unset, rest };
  }
}

module.exports = { Rows, add, addInterval, displayed, merged, replaceInterval };
