'use strict';

const { Frame, Snapshot, serialOf, valuesOf } = require('../../foundation');
const { SafeMap, safeArray } = require('../../util/primordials');
const { UNKNOWN, isWatched } = require('./switches');

const { getPrototypeOf } = Object;
const { apply } = Reflect;
const { slice } = String.prototype;

/** How many different values of a key are told from each other; all others are one. */
const MOST_VALUES = 1000;

/** How much of a text is told, in characters. */
const MOST_CHARACTERS = 128;

/** Stands for all values that are too many. */
const OTHER = '(other)';

/** No other bigint is written out: a longer one takes long. */
const MOST_BIGINT = 10n ** 128n;

/** A value as a label: its text, or its type. */
function textOf(value) {
  switch (typeof value) {
    case 'string':
      return value.length > MOST_CHARACTERS ? `${apply(slice, value, [0, MOST_CHARACTERS])}…` : value;
    case 'number':
    case 'boolean':
      return `${value}`;
    case 'bigint':
      return value < MOST_BIGINT && value > -MOST_BIGINT ? `${value}` : '[bigint]';
    default:
      return value === null ? '[null]' : `[${typeof value}]`;
  }
}

/** The value of a key, and whether there is one. What is in a bag may be a getter. */
function read(values, key) {
  try {
    return values[key];
  } catch {
    return undefined;
  }
}

function isSnapshot(owner) {
  const prototype = getPrototypeOf(owner);
  return prototype === Frame.prototype || prototype === Snapshot.prototype;
}

/** What `get` would find, but in default contexts. */
function find(owner, key, slots) {
  if (!isSnapshot(owner)) return read(owner, key);
  for (let at = owner; at !== undefined; at = at.next) {
    if (!isWatched(at.slot, slots)) continue;
    for (let { frame } = at; frame !== undefined && serialOf(frame.context) !== 0; frame = frame.enclosing) {
      const values = valuesOf(frame.context);
      const value = read(values, key);
      if (value !== undefined || key in values) return value;
    }
  }
  return undefined;
}

/** Finds the labels of owners, and numbers what it finds. */
class Labels {
  #keys;
  #slots;
  #numbers = new SafeMap();
  #values;

  /** By their numbers, the texts for each key; undefined for one that is not set. Number 0 has none at all. */
  sets;

  /**
   * @param {(string | symbol)[]} keys
   * @param {Slot[] | undefined} slots of the namespaces that count; undefined for all
   */
  constructor(keys, slots) {
    this.#keys = keys;
    this.#slots = slots;
    this.#values = safeArray();
    const none = safeArray();
    for (let index = 0; index < keys.length; index++) {
      this.#values[index] = new SafeMap();
      none[index] = undefined;
    }
    this.sets = safeArray();
    this.sets[0] = none;
  }

  /**
   * @param {object | undefined} owner that was recorded
   * @returns {number} of its labels as they are now
   */
  numberOf(owner) {
    if (owner === undefined || owner === UNKNOWN) return 0;
    const texts = safeArray();
    let name = '';
    let isEmpty = true;
    for (let index = 0; index < this.#keys.length; index++) {
      const text = this.#text(index, find(owner, this.#keys[index], this.#slots));
      texts[index] = text;
      isEmpty &&= text === undefined;
      name += text === undefined ? '-' : `${text.length}:${text}`;
    }
    if (isEmpty) return 0;
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.sets.length;
      this.sets[number] = texts;
      this.#numbers.set(name, number);
    }
    return number;
  }

  #text(index, value) {
    if (value === undefined) return undefined;
    const text = textOf(value);
    const known = this.#values[index];
    if (known.has(text)) return text;
    if (known.size >= MOST_VALUES) return OTHER;
    known.set(text, true);
    return text;
  }
}

module.exports = { Labels };
