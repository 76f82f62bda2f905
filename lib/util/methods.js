'use strict';

/** Temporary replacements of platform methods. */

const { defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;

/** Defines a property, or deletes it if there is no descriptor. Returns whether that succeeded. */
function define(object, name, descriptor) {
  if (descriptor === undefined) return deleteProperty(object, name);
  return defineProperty(object, name, { __proto__: null, ...descriptor });
}

class Method {
  #object;
  #name;
  #descriptor;
  #replacement;

  constructor(object, name) {
    this.#object = object;
    this.#name = name;
    this.#descriptor = getOwnPropertyDescriptor(object, name);
  }

  get original() {
    return this.#descriptor.value;
  }

  get isReplaceable() {
    const { configurable, writable, value } = this.#descriptor ?? {};
    return configurable === true && writable === true && typeof value === 'function';
  }

  replace(value) {
    this.#replacement = value;
    define(this.#object, this.#name, { ...this.#descriptor, value });
  }

  /** Restores the original, unless somebody else has replaced the method meanwhile. */
  restore() {
    if (this.#object[this.#name] === this.#replacement) this.replace(this.original);
  }
}

module.exports = { Method, define };
