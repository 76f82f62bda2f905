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
  constructor(field, next) {
    this.field = field;
    this.value = undefined;
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

/** The entry of an object for a field, created if it is missing. */
function entryOf(object, field) {
  const first = Entries.of(object);
  let entry = find(first, field);
  if (entry !== undefined) return entry;
  entry = new Entry(field, first?.next);
  if (first === undefined) new Entries(object, entry);
  else first.next = entry;
  return entry;
}

/**
 * Creates a hidden field.
 * @returns {{ get: Function, set: Function, entryOf: Function }} `get(object)` returns the value, undefined if the field is not set;
 *   `set(object, value)` sets it; `entryOf(object)` returns an object whose `value` is read and written instead of several calls
 */
function makeHiddenField() {
  const field = {
    get: (object) => find(Entries.of(object), field)?.value,
    set: (object, value) => void (entryOf(object, field).value = value),
    entryOf: (object) => entryOf(object, field),
  };
  return field;
}

module.exports = { makeHiddenField };
