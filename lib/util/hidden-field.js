'use strict';

/**
 * Hidden fields for foreign objects. An object with any of them has one private field, with the list of its values: private fields are
 * invisible and work on frozen objects, reading one is as fast as reading a property (a WeakMap is several times slower), but adding
 * one to an object costs much more.
 */

/** Returns its argument from the constructor, so that private fields of a subclass are added to that object. */
class ReturnsArgument {
  constructor(object) {
    return object;
  }
}

/** The value of one field. Linked. */
class Entry {
  constructor(field, value, next) {
    this.field = field;
    this.value = value;
    this.next = next;
  }
}

Object.setPrototypeOf(Entry.prototype, null);

/** The private field. */
class Entries extends ReturnsArgument {
  #first;

  constructor(object, first) {
    super(object);
    this.#first = first;
  }

  /** The first entry of an object; undefined if it has none. */
  static of(object) {
    return #first in object ? object.#first : undefined;
  }
}

function find(first, field) {
  let at = first;
  while (at !== undefined && at.field !== field) at = at.next;
  return at;
}

/**
 * Creates a hidden field.
 * @returns {{ get: (object: object) => unknown, set: (object: object, value: unknown) => void }} `get` returns undefined if the
 *   field is not set
 */
function makeHiddenField() {
  const field = {
    get: (object) => find(Entries.of(object), field)?.value,
    set(object, value) {
      const first = Entries.of(object);
      const entry = find(first, field);
      if (entry !== undefined) entry.value = value;
      else if (first !== undefined) first.next = new Entry(field, value, first.next);
      else new Entries(object, new Entry(field, value, undefined));
    },
  };
  return field;
}

module.exports = { makeHiddenField };
