'use strict';

const path = require('node:path');

const { root } = require('../util/bundle');

const core = require('./binding');
const { MAX_KEYS } = require('./labels');

/** The depth past which a chain of frames is taken for one that only grows. */
const DEEP = 1000;

/** The folder of this package's code. In a bundle it cannot be told from the program's. */
const lib = root && path.join(root, 'lib');

/** A sentence that names the line of the program which enters a context now; nothing if that can't be told. */
function placeOfEntry() {
  if (lib === undefined) return '';
  try {
    const lines = new Error().stack.split('\n').slice(1);
    const line = lines.find((text) => !text.includes(lib) && !text.includes('at Reflect.apply'));
    return line === undefined ? '' : ` The last one was entered ${line.trim()}.`;
  } catch {
    // The application formats stack traces in a way of its own.
    return '';
  }
}

/** The JavaScript half of a namespace's slot in the core: its number, and what is counted for the namespace. */
class Slot {
  #created = 0;
  #entered = 0;
  #ended = 0;
  #deepest = 0;
  #name;
  #warned = false;

  /**
   * Takes a slot of the core, which is free again when this object was collected.
   *
   * @param {string} name
   * @param {Namespace} [namespace] whose slot it is; there are slots without one
   */
  constructor(name, namespace = undefined) {
    this.number = core.createNamespace(name, this);
    this.namespace = namespace;
    /** By the keys whose values are copied to labels, the index of the label; undefined if there are none. */
    this.exposed = undefined;
    this.#name = name;
  }

  /**
   * Has the values of keys copied to labels from here on.
   *
   * @param {(string | symbol)[]} keys an array without a prototype will do
   * @returns {boolean} false if they are too many: then nothing has changed
   */
  expose(keys) {
    const exposed = { __proto__: null, ...this.exposed };
    let count = Reflect.ownKeys(exposed).length;
    for (let at = 0; at < keys.length; at++) exposed[keys[at]] ??= count++;
    if (count > MAX_KEYS) return false;
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      core.nameKey(this.number, exposed[key], typeof key === 'symbol' ? (key.description ?? '') : key);
    }
    if (count > 0) this.exposed = exposed;
    return true;
  }

  /** What has been counted, by the names that `stats()` has for it. */
  get counts() {
    return { created: this.#created, entered: this.#entered, ended: this.#ended, deepest: this.#deepest };
  }

  /** Counts a context that was created, and returns its serial number in the namespace, from 1. */
  countCreated() {
    return ++this.#created;
  }

  /** Counts an `end` event that is about to be emitted. */
  countEnded() {
    this.#ended++;
  }

  /**
   * Counts an entry into a context. Warns once of a nesting that looks like a leak.
   *
   * @param {Frame} frame of the entry
   */
  countEntered(frame) {
    this.#entered++;
    const { depth } = frame;
    if (depth > this.#deepest) {
      this.#deepest = depth;
      if (depth > DEEP && !this.#warned) this.#warn();
    }
  }

  #warn() {
    this.#warned = true;
    process.emitWarning(
      `More than ${DEEP} contexts of the namespace '${this.#name}' are nested in one another. A loop whose every turn ` +
        `runs in a new context inside the last one's keeps them all; start its turns in the context that the loop began in, ` +
        `through a function bound there.${placeOfEntry()}`,
      { type: 'ContextWarning', code: 'CONTEXT_DEEP_NESTING' },
    );
  }
}

// The application may put setters on Object.prototype; an assignment in the constructor must not run into them.
Object.setPrototypeOf(Slot.prototype, null);

module.exports = { Slot };
