'use strict';

const { valuesOf } = require('../../foundation');
const { SafeMap, safeArray } = require('../../util/primordials');

const { apply } = Reflect;
const { slice } = String.prototype;
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

/** What was counted for a value of a key, in milliseconds. */
class Row {
  /** @param {unknown} id what stands for the value */
  constructor(id) {
    this.id = id;
    this.time = 0;
    this.cpu = 0;
    this.callbacks = 0;
    this.longest = 0;
    this.into = undefined;
  }
}

Object.setPrototypeOf(Row.prototype, null);

/** Adds to a row what another one, or a tally, has had. */
function add(row, time, cpu, callbacks, longest) {
  row.time += time;
  row.cpu += cpu;
  row.callbacks += callbacks;
  if (longest > row.longest) row.longest = longest;
}

/** The row that has what was counted for a row: the rest, if that was merged. */
function merged(row) {
  return row.into ?? row;
}

/** What stands for a value in the map of rows. */
function idOf(value) {
  switch (typeof value) {
    case 'string':
      return value.length <= MAX_LENGTH ? value : `${apply(slice, value, [0, MAX_LENGTH])}…`;
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

/** How a row's value is told. */
function shown(id) {
  return id === TYPES.object || id === TYPES.function || id === TYPES.bigint ? id.description : id;
}

/** What `get` would find, but for what is set in a default context; undefined if it cannot be read. */
function find(visit, key) {
  try {
    let left = NESTED;
    for (let at = visit; at !== undefined && left > 0; at = at.parent, left--) {
      const values = valuesOf(at.context);
      const value = values[key];
      if (value !== undefined || key in values) return value;
    }
  } catch {
    // Somebody has made the value a getter, which throws.
  }
  return undefined;
}

/** The rows of a key. There are twice as many as are told, at most: when they are more, the small ones become one. */
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
   * The row for the time of a tally.
   *
   * @param {Tally} tally
   * @returns {Row}
   */
  rowOf(tally) {
    let value = find(tally.visit, this.key);
    const { others } = tally;
    for (let index = 0; value === undefined && others !== undefined && index < others.length; index++) {
      value = find(others[index], this.key);
    }
    const id = idOf(value);
    if (id === undefined) return this.#unset;
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    if (this.#byId.size >= 2 * this.maxRows) this.#merge();
    const row = new Row(id);
    this.#byId.set(id, row);
    return row;
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
      add(this.#rest, row.time, row.cpu, row.callbacks, row.longest);
      row.into = this.#rest;
      this.#byId.delete(row.id);
    }
  }

  /**
   * @returns {{ rows: Row[], unset: Row, rest: Row }} the largest rows first, as many as may be told, and what the others sum up to
   */
  tell() {
    const rows = this.#sorted();
    const rest = new Row(undefined);
    const { time, cpu, callbacks, longest } = this.#rest;
    add(rest, time, cpu, callbacks, longest);
    for (let index = this.maxRows; index < rows.length; index++) {
      add(rest, rows[index].time, rows[index].cpu, rows[index].callbacks, rows[index].longest);
    }
    if (rows.length > this.maxRows) rows.length = this.maxRows;
    return { rows, unset: this.#unset, rest };
  }
}

module.exports = { Rows, add, merged, shown };
