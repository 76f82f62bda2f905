'use strict';

const path = require('node:path');

const { root } = require('../util/bundle');

const core = require('./binding');
const { MAX_KEYS } = require('./labels');

/** Deeper nesting suggests a leak. */
const DEEP = 1000;

/** The folder of this package's code; unknown in a bundle. */
const lib = root && path.join(root, 'lib');

/** A sentence with the source line of the current entry, or an empty string. */
function placeOfEntry() {
  if (lib === undefined) return '';
  try {
    const lines = new Error().stack.split('\n').slice(1);
    const line = lines.find((text) => !text.includes(lib) && !text.includes('at Reflect.apply'));
    return line === undefined ? '' : ` The last one was entered ${line.trim()}.`;
  } catch {
    // The application formats stack traces itself.
    return '';
  }
}

/** How many slots were created. Their numbers are used again. */
let created = 0;

/** The JavaScript half of a namespace's slot in the core: its number and counters. */
class Slot {
  #created = 0;
  #entered = 0;
  #ended = 0;
  #deepest = 0;
  #name;
  #warned = false;

  /**
   * Allocates a slot, which is freed when this object is collected.
   * @param {string} name
   * @param {Namespace} [namespace] the slot's namespace, if any
   */
  constructor(name, namespace = undefined) {
    this.number = core.createNamespace(name, this);
    this.namespace = namespace;

    /** Its place in the order of creation. */
    this.order = created++;

    /** By exposed key, the index of its label; undefined if there are none. */
    this.exposed = undefined;
    this.#name = name;
  }

  /**
   * Copies the values of keys to labels from now on.
   * @returns {boolean} false if there are too many keys: nothing has changed
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

  get counts() {
    return { created: this.#created, entered: this.#entered, ended: this.#ended, deepest: this.#deepest };
  }

  /** Counts a created context and returns its serial number, from 1. */
  countCreated() {
    return ++this.#created;
  }

  countEnded() {
    this.#ended++;
  }

  /** Counts an entry into a context, and warns once if the nesting looks like a leak. */
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
      `More than ${DEEP} contexts of the namespace '${this.#name}' are nested. A loop that runs each iteration in a new ` +
        `context inside the previous one keeps all of them alive; start each iteration with a function that was bound before ` +
        `the loop.${placeOfEntry()}`,
      { type: 'ContextWarning', code: 'CONTEXT_DEEP_NESTING' },
    );
  }
}

// Assignments in the constructor must bypass setters that the application may put on Object.prototype.
Object.setPrototypeOf(Slot.prototype, null);

module.exports = { Slot };
