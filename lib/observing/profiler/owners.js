'use strict';

/**
 * The labels of contexts that were active, without keeping the contexts alive: only the texts of labels are stored. They are
 * read when a context first becomes active, and again when its values may have changed: a value was set or deleted, or the
 * context has ended. Writes to a `bag` are not seen, so a context whose bag was handed out is also read when it is no longer
 * active, and through a weak reference when the profile ends.
 */

const { observerStateOf, serialOf, valuesOf } = require('../../foundation');
const { SafeMap, safeArray } = require('../../util/primordials');
const { beginningOf, copyText } = require('../../util/text');
const { MAX_LENGTH, textOf } = require('../../util/value-text');
const { insertAt, placeOf } = require('../places');

const { getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

/** How many texts are cached, so that repeated texts are copied once. */
const MOST_TEXTS = 4096;

/** How many enclosing contexts per namespace are read when the active one is left. */
const NESTED = 32;

/** Instead of a text: the value is set but has no text. Hides outer values. */
const HIDES = null;

/**
 * The owner of a sample: the contexts active in all namespaces, without references to them. Each context has one owner with its
 * labels, in a single object because servers create many; owners with enclosing contexts refer to it.
 */
class Owner {
  /**
   * @param {Owners} owners
   * @param {Owner | undefined} known the owner with the labels; itself if undefined
   * @param {Owner | undefined} around of the enclosing context
   * @param {Owner | undefined} next of another namespace
   */
  constructor(owners, known, around, next) {
    this.owners = owners;
    this.known = known ?? this;
    this.around = around;
    this.next = next;

    /** Its number, in the list of changes of that id: see switches.js. */
    this.number = 0;
    this.list = 0;

    /**
     * The text of the first label, or HIDES; undefined if the context itself has no value. `more` has those of the other
     * labels.
     */
    this.text = undefined;
    this.more = undefined;

    /** A weak reference to the context, if its values may change unnoticed. */
    this.reference = undefined;
  }
}

Object.setPrototypeOf(Owner.prototype, null);

/** Whether the program has the bag: values may then change unnoticed, and be getters. */
const isHandedOut = (values) => getPrototypeOf(values) === null;

/** The owners of one recording. */
class Owners {
  #keys;
  #slots;
  #texts = new SafeMap();
  #isReading = false;

  /** Whether the bag of a context with an owner was handed out. */
  #hasBags = false;

  nobody = new Owner(this, undefined, undefined, undefined);

  /**
   * @param {(string | symbol)[]} keys of the labels
   * @param {Slot[] | undefined} slots of the recorded namespaces; undefined for all
   */
  constructor(keys, slots) {
    this.#keys = keys;
    this.#slots = slots;
  }

  /**
   * The owner of a snapshot, cached on it. Runs in hooks, so it calls no code of the program.
   * @returns {Owner} `nobody` if no recorded namespace has an active context
   */
  ownerOf(snapshot) {
    const { owner: known } = snapshot;
    if (known !== undefined && known.owners === this) return known;
    let owner;
    if (snapshot.frame !== snapshot) owner = this.#ownerOfSeveral(snapshot);
    // The usual case: only one namespace has an active context.
    else owner = placeOf(this.#slots, snapshot.slot) === -1 ? this.nobody : this.#ownerOfFrame(snapshot);
    snapshot.owner = owner;
    return owner;
  }

  /** Rereads a context's labels. May call getters of the program. */
  refresh(context) {
    // A getter may set values.
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const known = observerStateOf(context).profiler;
      if (known !== undefined && known.owners === this) this.#read(context, known, true);
    } catch {
      // The stack is full: the labels stay as they were.
    }
    this.#isReading = false;
  }

  /** Drops the cache: snapshots reference this object for longer than it is needed. */
  forget() {
    this.#texts = new SafeMap();
  }

  /** When a snapshot is no longer active, rereads contexts whose bag was handed out. Runs in hooks. */
  leave(snapshot) {
    if (!this.#hasBags) return;
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
   * The text of a label, looked up like `get`, except in default contexts.
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

  /** The owner of a snapshot of several namespaces: linked in the order of lookup. */
  #ownerOfSeveral(snapshot) {
    const parts = safeArray();
    const places = safeArray();
    for (let at = snapshot; at !== undefined; at = at.next) {
      const place = placeOf(this.#slots, at.slot);
      const part = place === -1 ? this.nobody : this.#ownerOfFrame(at.frame);
      if (part !== this.nobody) insertAt(place, part, places, parts);
    }
    let owner = parts.length === 0 ? this.nobody : parts[parts.length - 1];
    for (let index = parts.length - 2; index >= 0; index--) {
      owner = new Owner(this, parts[index].known, parts[index].around, owner);
    }
    return owner;
  }

  /** The owner of a frame. Creates missing ones, also for enclosing frames, iteratively since they may be many. */
  #ownerOfFrame(frame) {
    const { enclosing } = frame;
    if (enclosing === undefined && frame.owner?.owners !== this)
      return (frame.owner = this.#makeOwner(frame.context, this.nobody));
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
    if (isBag) this.#hasBags = true;
    if (isBag && known.reference === undefined) known.reference = new WeakRef(context);
    for (let index = 0; index < this.#keys.length; index++) {
      const key = this.#keys[index];
      // Getters must not run in hooks.
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
      if (value === before) return before;
      return typeof value === 'string' ? this.#keep(beginningOf(value, MAX_LENGTH)) : textOf(value);
    } catch {
      // A getter threw.
      return HIDES;
    }
  }

  /** Copies a text, unless it is cached. */
  #keep(text) {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    const copy = copyText(text);
    this.#texts.set(copy, copy);
    return copy;
  }
}

module.exports = { Owners };
