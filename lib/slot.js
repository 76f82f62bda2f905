'use strict';

const core = require('./binding');

// The layout of the counters, as in src/namespace_table.h.
const CREATED = 0;
const ENTERED = 1;
const ENDED = 2;
const DEEPEST = 3;

/** The depth past which a chain of frames is taken for one that only grows. */
const DEEP = 1000;

/** The JavaScript half of a namespace's slot in the core: its number, and its counters in shared memory. */
class Slot {
  #counters;
  #name;
  #warned = false;

  /**
   * Takes a slot of the core.
   *
   * @param {string} name
   * @param {Namespace} [namespace] whose slot it is; there are slots without one
   */
  constructor(name, namespace = undefined) {
    const { slot, counters } = core.createNamespace(name);
    this.number = slot;
    this.namespace = namespace;
    this.#counters = counters;
    this.#name = name;
  }

  /** What has been counted, by the names that `stats()` has for it. */
  get counts() {
    const counters = this.#counters;
    return {
      created: counters[CREATED],
      entered: counters[ENTERED],
      ended: counters[ENDED],
      deepest: counters[DEEPEST],
    };
  }

  /** Counts a context that was created, and returns its serial number in the namespace, from 1. */
  countCreated() {
    return ++this.#counters[CREATED];
  }

  /** Counts an `end` event that is about to be emitted. */
  countEnded() {
    this.#counters[ENDED]++;
  }

  /**
   * Counts an entry into a context. Warns once of a nesting that looks like a leak.
   *
   * @param {Frame} frame of the entry
   */
  countEntered(frame) {
    const counters = this.#counters;
    counters[ENTERED]++;
    const { depth } = frame;
    if (depth > counters[DEEPEST]) {
      counters[DEEPEST] = depth;
      if (depth > DEEP && !this.#warned) this.#warn();
    }
  }

  #warn() {
    this.#warned = true;
    process.emitWarning(
      `More than ${DEEP} contexts of the namespace '${this.#name}' are nested in one another. A loop whose every turn ` +
        `runs in a new context inside the last one's keeps them all; start its turns in the context that the loop began in, ` +
        `through a function bound there.`,
      { type: 'ContextWarning', code: 'CONTEXT_DEEP_NESTING' },
    );
  }
}

module.exports = { Slot };
