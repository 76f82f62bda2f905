'use strict';

/**
 * Whose work it is, without keeping them: for each context that was active, the texts of its labels alone. They are read when it becomes
 * active for the first time, and again whenever its values may have changed: when one is set or deleted, and when the context has
 * ended. What is written to a `bag` is not seen; a context whose bag was handed out is also read each time that it is no longer
 * active, and through a weak reference when the profile ends.
 */

const { observerStateOf, serialOf, valuesOf } = require('../../foundation');
const { SafeMap, safeArray } = require('../../util/primordials');
const { beginningOf, copyText } = require('../../util/text');

const { getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

/** How much of a text is kept, in characters. */
const MOST_CHARACTERS = 128;

/** No other bigint is written out: a longer one takes long. */
const MOST_BIGINT = 10n ** 128n;

/** How many texts are remembered, so that those that come again and again are copied once. */
const MOST_TEXTS = 4096;

/** How many contexts around the active one are looked at when it is left, in each namespace. */
const NESTED = 32;

/** In place of a text: the value is set, and has none. Outer ones are hidden by it. */
const HIDES = null;

/**
 * Who is active: a context of one namespace, inside others, and those of other namespaces. It leads to no context. There is one for each
 * context, which has its labels; all in one object, as a server makes many. Those with others around refer to it.
 */
class Owner {
  /**
   * @param {Owners} owners that made it
   * @param {Owner | undefined} known has the labels of the context; itself if undefined
   * @param {Owner | undefined} around the one that it is in
   * @param {Owner | undefined} next that of another namespace
   */
  constructor(owners, known, around, next) {
    this.owners = owners;
    this.known = known ?? this;
    this.around = around;
    this.next = next;

    /** Its number in a list of changes, and which list: see switches.js. */
    this.number = 0;
    this.list = 0;

    /** The text of the first label, or HIDES; undefined if the context has no value of its own. And those of the others. */
    this.text = undefined;
    this.more = undefined;

    /** Leads to the context, if its values may change without a word. */
    this.reference = undefined;
  }
}

Object.setPrototypeOf(Owner.prototype, null);

/** Whether the program has the object that the values are in: then they may change, and be getters. */
const isHandedOut = (values) => getPrototypeOf(values) === null;

/** What is known of all contexts that were active while something is recorded. */
class Owners {
  #keys;
  #slots;
  #texts = new SafeMap();
  #isReading = false;

  /** Stands for nobody. */
  nobody = new Owner(this, undefined, undefined, undefined);

  /**
   * @param {(string | symbol)[]} keys of the labels
   * @param {Slot[] | undefined} slots of the namespaces that count; undefined for all
   */
  constructor(keys, slots) {
    this.#keys = keys;
    this.#slots = slots;
  }

  /**
   * Who is active in a snapshot. It is kept as the snapshot's mark. Called in hooks: it runs no code of the program's.
   *
   * @param {Snapshot} snapshot
   * @returns {Owner} `nobody` if no context that counts is
   */
  ownerOf(snapshot) {
    const { owner: known } = snapshot;
    if (known !== undefined && known.owners === this) return known;
    const parts = safeArray();
    for (let at = snapshot; at !== undefined; at = at.next) {
      const part = this.#isCounted(at.slot) ? this.#ownerOfFrame(at.frame) : this.nobody;
      if (part !== this.nobody) parts[parts.length] = part;
    }
    let owner = parts.length === 0 ? this.nobody : parts[parts.length - 1];
    for (let index = parts.length - 2; index >= 0; index--) {
      owner = new Owner(this, parts[index].known, parts[index].around, owner);
    }
    snapshot.owner = owner;
    return owner;
  }

  /**
   * Reads the labels of a context again. This may call getters of the program's.
   *
   * @param {Context} context
   */
  refresh(context) {
    // A getter may set values.
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const known = observerStateOf(context).profiler;
      if (known !== undefined && known.owners === this) this.#read(context, known, true);
    } catch {
      // The stack is full: they stay as they were.
    }
    this.#isReading = false;
  }

  /** Forgets what is known: marks of snapshots lead here for longer than it is needed. */
  forget() {
    this.#texts = new SafeMap();
  }

  /**
   * A snapshot is no longer active: reads what was written to bags meanwhile. Called in hooks.
   *
   * @param {Snapshot} snapshot
   */
  leave(snapshot) {
    for (let at = snapshot; at !== undefined; at = at.next) {
      if (at.slot.namespace === undefined) continue;
      let left = NESTED;
      for (let { frame } = at; frame !== undefined && left > 0; frame = frame.enclosing, left--) {
        const { context } = frame;
        if (!isHandedOut(valuesOf(context))) continue;
        const known = observerStateOf(context).profiler;
        if (known !== undefined && known.owners === this) this.#read(context, known, false);
      }
    }
  }

  /**
   * The text of a label, as `get` would find the value, but in default contexts.
   *
   * @param {Owner} owner
   * @param {number} index of the key
   * @returns {string | undefined}
   */
  textOf(owner, index) {
    for (let first = owner; first !== undefined; first = first.next) {
      for (let at = first; at !== undefined; at = at.around) {
        const { known } = at;
        const context = known.reference?.deref();
        if (context !== undefined) this.refresh(context);
        const text = index === 0 ? known.text : known.more[index - 1];
        if (text !== undefined) return text ?? undefined;
      }
    }
    return undefined;
  }

  #isCounted(slot) {
    // Integrations have contexts of their own, which are none of a namespace.
    if (this.#slots === undefined) return slot.namespace !== undefined;
    for (let index = 0; index < this.#slots.length; index++) if (this.#slots[index] === slot) return true;
    return false;
  }

  /** The owner of a frame, which is made if there is none, as those of the frames around it. They may be many. */
  #ownerOfFrame(frame) {
    const missing = safeArray();
    let at = frame;
    for (; at !== undefined && at.owner?.owners !== this; at = at.enclosing) missing[missing.length] = at;
    let owner = at?.owner ?? this.nobody;
    for (let index = missing.length - 1; index >= 0; index--) {
      owner = this.#makeOwner(missing[index].context, owner);
      missing[index].owner = owner;
    }
    return owner;
  }

  #makeOwner(context, around) {
    // Default contexts have no labels.
    if (serialOf(context) === 0) return this.nobody;
    const state = observerStateOf(context);
    let known = state.profiler;
    if (known === undefined || known.owners !== this) {
      known = new Owner(this, undefined, undefined, undefined);
      this.#read(context, known, false);
      state.profiler = known;
    }
    return around === this.nobody ? known : new Owner(this, known, around, undefined);
  }

  #read(context, known, callsGetters) {
    const values = valuesOf(context);
    const isBag = isHandedOut(values);
    if (isBag && known.reference === undefined) known.reference = new WeakRef(context);
    for (let index = 0; index < this.#keys.length; index++) {
      const key = this.#keys[index];
      // A getter is not called in hooks.
      const isGetter = isBag && !callsGetters && getOwnPropertyDescriptor(values, key)?.get !== undefined;
      if (index === 0) {
        known.text = isGetter ? HIDES : this.#readOne(values, key, known.text);
      } else {
        known.more ??= safeArray();
        known.more[index - 1] = isGetter ? HIDES : this.#readOne(values, key, known.more[index - 1]);
      }
    }
  }

  #readOne(values, key, before) {
    try {
      const value = values[key];
      if (value === undefined) return key in values ? HIDES : undefined;
      return value === before ? before : this.#keep(value);
    } catch {
      // A getter that throws.
      return HIDES;
    }
  }

  /** A value as a label: its text, or its type. */
  #keep(value) {
    switch (typeof value) {
      case 'string':
        return this.#keepText(beginningOf(value, MOST_CHARACTERS));
      case 'number':
      case 'boolean':
        return `${value}`;
      case 'bigint':
        return value < MOST_BIGINT && value > -MOST_BIGINT ? `${value}` : '[bigint]';
      default:
        return value === null ? '[null]' : `[${typeof value}]`;
    }
  }

  #keepText(text) {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    const copy = copyText(text);
    this.#texts.set(copy, copy);
    return copy;
  }
}

module.exports = { Owners };
