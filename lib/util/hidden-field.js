'use strict';

/** Its constructor returns what it is given, so that the fields of a class that extends it are put on that. */
class ReturnsArgument {
  constructor(object) {
    return object;
  }
}

/**
 * Makes a property for objects that others have made: one that nobody sees, and that frozen ones take, too. It costs what a plain
 * property does; an entry of a WeakMap is several times as dear.
 *
 * @returns {{ get: (object: object) => unknown, set: (object: object, value: unknown) => void }} `get` returns undefined for an object
 *   that has none. `set` is to be called once for each object
 */
function makeHiddenField() {
  class HiddenField extends ReturnsArgument {
    #value;

    constructor(object, value) {
      super(object);
      this.#value = value;
    }

    static get(object) {
      return #value in object ? object.#value : undefined;
    }

    static set(object, value) {
      new HiddenField(object, value);
    }
  }
  return HiddenField;
}

module.exports = { makeHiddenField };
