'use strict';

/** Methods of the platform's that are replaced for a while. */

const { defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;

/** Defines a property as it is described, or deletes it. Returns whether that could be done. */
function define(object, name, descriptor) {
  if (descriptor === undefined) return deleteProperty(object, name);
  return defineProperty(object, name, { __proto__: null, ...descriptor });
}

/** A method of the platform's, and what is in its place. */
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

  /** Puts back what was there, unless somebody else has replaced it meanwhile. */
  restore() {
    if (this.#object[this.#name] === this.#replacement) this.replace(this.original);
  }
}

module.exports = { Method, define };
