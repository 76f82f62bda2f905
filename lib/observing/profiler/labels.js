'use strict';

const { SafeMap, safeArray } = require('../../util/primordials');

const { apply } = Reflect;
const { sort } = Array.prototype;

/** How many values per key a profile distinguishes, by their time. The others are merged. */
const MOST_VALUES = 1000;

/** Stands for merged values. */
const OTHER = '(other)';

/** The keys with the largest times. */
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

/** Numbers the distinct sets of labels. */
class Labels {
  #count;
  #numbers;

  /** By number: the texts of the keys; undefined for keys that are not set. Number 0 has none. */
  sets;

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
   * Keeps the values of each key that have the most time, and merges all others.
   * @param {Float64Array} times by number of the set
   * @param {number} [most] values per key
   * @returns {Int32Array} by old number: the new number
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
