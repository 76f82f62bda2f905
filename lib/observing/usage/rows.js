'use strict';

const { valuesOf } = require('../../foundation');
const { SafeMap, safeArray } = require('../../util/primordials');
const { beginningOf, copyText } = require('../../util/text');

const { apply } = Reflect;
const { sort } = Array.prototype;

/** How many contexts a key is looked for in, from the innermost one outwards. */
const NESTED = 32;

/** How much of a text tells a row from others, in characters. */
const MAX_LENGTH = 128;

/** A bigint that is larger has no row of its own: it may be of any size. */
const MAX_BIGINT = 10n ** BigInt(MAX_LENGTH);

/** What stands for values that are not kept: they may be large, and hold on to what else they lead to. */
const TYPES = {
  __proto__: null,
  object: Symbol('[object]'),
  function: Symbol('[function]'),
  bigint: Symbol('[bigint]'),
};

/** How many of the longest intervals a row remembers: so many accounts may leave it, and its longest one is still known. */
const REMEMBERED = 8;

/** What was counted for a value of a key, in milliseconds. */
class Row {
  /** @param {unknown} id what stands for the value */
  constructor(id) {
    this.id = id;
    this.time = 0;
    this.cpu = 0;
    this.callbacks = 0;

    /** How many accounts have their time here: a row without any is empty. */
    this.accounts = 0;

    /** The longest intervals of different accounts, the longest first, and what was the longest of all that did not fit. */
    this.intervals = safeArray();
    this.further = 0;
    this.into = undefined;
  }

  /** The longest interval of all. */
  get longest() {
    return this.intervals.length > 0 ? this.intervals[0] : this.further;
  }
}

Object.setPrototypeOf(Row.prototype, null);

/** Adds to a row what a account that is counted in it, or another row, has had. */
function add(row, time, cpu, callbacks) {
  row.time += time;
  row.cpu += cpu;
  row.callbacks += callbacks;
}

/** Adds the longest interval of a account. */
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

/** Takes the longest interval of a account away. */
function removeInterval(row, length) {
  const { intervals } = row;
  let at = 0;
  while (at < intervals.length && intervals[at] !== length) at++;
  if (at === intervals.length) return;
  for (; at < intervals.length - 1; at++) intervals[at] = intervals[at + 1];
  intervals.length--;
}

/** The longest interval of a account that is counted in a row was `before`, and is `now`. */
function replaceInterval(row, before, now) {
  if (before === now) return;
  removeInterval(row, before);
  addInterval(row, now);
}

/** Adds another row, or all that one has had. */
function addRow(row, other) {
  add(row, other.time, other.cpu, other.callbacks);
  row.accounts += other.accounts;
  row.further = Math.max(row.further, other.further);
  for (let index = 0; index < other.intervals.length; index++) addInterval(row, other.intervals[index]);
}

/** The row that has what was counted for a row: the rest, if that was merged. */
function merged(row) {
  return row.into ?? row;
}

/** What stands for a value in the map of rows. */
function idOf(value) {
  switch (typeof value) {
    case 'string':
      return beginningOf(value, MAX_LENGTH);
    case 'bigint':
      return value < MAX_BIGINT && value > -MAX_BIGINT ? value : TYPES.bigint;
    case 'object':
      return value === null ? null : TYPES.object;
    case 'function':
      return TYPES.function;
    default:
      return value;
  }
}

/** How a row's value is result. */
function displayed(id) {
  return id === TYPES.object || id === TYPES.function || id === TYPES.bigint ? id.description : id;
}

/** What `get` would find, but for what is set in a default context; undefined if it cannot be read. */
function find(entry, key) {
  try {
    let left = NESTED;
    for (let at = entry; at !== undefined && left > 0; at = at.parent, left--) {
      const values = valuesOf(at.context);
      const value = values[key];
      if (value !== undefined || key in values) return value;
    }
  } catch {
    // Somebody has made the value a getter, which throws.
  }
  return undefined;
}

/** The rows of a key. There are twice as many as are result, at most: when they are more, the small ones become one. */
class Rows {
  #byId = new SafeMap();
  #unset = new Row(undefined);
  #rest = new Row(undefined);

  /**
   * @param {string | symbol} key
   * @param {number} maxRows
   */
  constructor(key, maxRows) {
    this.key = key;
    this.maxRows = maxRows;
  }

  /**
   * The row for the time of a account.
   *
   * @param {Account} account
   * @returns {Row}
   */
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
   * A account is no longer counted in a row: it takes what it had there along. A row that nobody is counted in is no more.
   *
   * @param {Row} row that has it: the rest, if the one that it was in is part of that
   * @param {{ time: number, cpu: number, callbacks: number, longest: number }} had
   */
  leave(row, { time, cpu, callbacks, longest }) {
    if (--row.accounts > 0) {
      add(row, -time, -cpu, -callbacks);
      removeInterval(row, longest);
      return;
    }
    // What is left are errors of adding up.
    row.time = row.cpu = row.callbacks = row.further = row.intervals.length = 0;
    if (row !== this.#unset && row !== this.#rest) this.#byId.delete(row.id);
  }

  #sorted() {
    const rows = safeArray();
    this.#byId.forEach((row) => (rows[rows.length] = row));
    return apply(sort, rows, [(one, other) => other.time - one.time]);
  }

  /** Keeps the largest rows, and makes one of all others. */
  #merge() {
    const rows = this.#sorted();
    for (let index = this.maxRows; index < rows.length; index++) {
      const row = rows[index];
      addRow(this.#rest, row);
      row.into = this.#rest;
      this.#byId.delete(row.id);
    }
  }

  /**
   * @returns {{ rows: Row[], unset: Row, rest: Row }} the largest rows first, as many as may be result, and what the others sum up to
   */
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
