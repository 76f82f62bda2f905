'use strict';

const { SafeMap, safeArray } = require('../../util/primordials');

const { apply } = Reflect;
const { sort } = Array.prototype;

/** How many different values of a key are told from each other in a profile: those with the most time. All others are one. */
const MOST_VALUES = 1000;

/** Stands for all values that are too many. */
const OTHER = '(other)';

/** The largest ones of some texts; all of them if these are no more. */
function largestOf(times, most) {
  const texts = safeArray();
  times.forEach((time, text) => (texts[texts.length] = text));
  if (texts.length > most) {
    apply(sort, texts, [(one, other) => times.get(other) - times.get(one)]);
    texts.length = most;
  }
  const largest = new SafeMap();
  for (let index = 0; index < texts.length; index++) largest.set(texts[index], true);
  return largest;
}

/** Numbers what owners have for labels. */
class Labels {
  #count;
  #numbers;

  /** By their numbers, the texts for each key; undefined for one that is not set. Number 0 has none at all. */
  sets;

  /** @param {number} count of the keys */
  constructor(count) {
    this.#count = count;
    this.#clear();
  }

  #clear() {
    const none = safeArray();
    for (let index = 0; index < this.#count; index++) none[index] = undefined;
    this.sets = safeArray();
    this.#numbers = new SafeMap();
    this.#numberOf(none);
  }

  /**
   * @param {Owner} owner
   * @returns {number} of its labels as they are now
   */
  numberOf(owner) {
    const texts = safeArray();
    for (let index = 0; index < this.#count; index++) texts[index] = owner.owners.textOf(owner, index);
    return this.#numberOf(texts);
  }

  #numberOf(texts) {
    let name = '';
    for (let index = 0; index < this.#count; index++) {
      const text = texts[index];
      name += text === undefined ? '-' : `${text.length}:${text}`;
    }
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.sets.length;
      this.sets[number] = texts;
      this.#numbers.set(name, number);
    }
    return number;
  }

  /**
   * Has those values of each key told from each other that have the most time, and makes one of all others.
   *
   * @param {Float64Array} times the time of each set, by its number
   * @param {number} [most] how many values of a key
   * @returns {Int32Array} the new number of each set
   */
  limit(times, most = MOST_VALUES) {
    const { sets } = this;
    const largest = safeArray();
    for (let index = 0; index < this.#count; index++) {
      const sums = new SafeMap();
      for (let number = 0; number < sets.length; number++) {
        const text = sets[number][index];
        if (text !== undefined && text !== OTHER) sums.set(text, (sums.get(text) ?? 0) + times[number]);
      }
      largest[index] = largestOf(sums, most);
    }
    const renumbered = new Int32Array(sets.length);
    this.#clear();
    for (let number = 0; number < sets.length; number++) {
      const texts = sets[number];
      for (let index = 0; index < this.#count; index++) {
        if (texts[index] !== undefined && !largest[index].has(texts[index])) texts[index] = OTHER;
      }
      renumbered[number] = this.#numberOf(texts);
    }
    return renumbered;
  }
}

module.exports = { Labels };
