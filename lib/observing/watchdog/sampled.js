'use strict';

/**
 * The contexts that the watchdog's thread has sampled. The thread knows numbers of slots and contexts, but no objects. So it sets a
 * word each time before it samples what is active, and the next switch notes the contexts before and after it. Notes are weak.
 */

const { core, engine, observe, serialOf } = require('../../foundation');
const { SafeWeakMap, safeArray } = require('../../util/primordials');

const { clock } = core;

/** The word in `clock` that is 1 if the thread has sampled since the last switch. */
const IS_SAMPLED = 1;

/** The limit of notes: several times as many as the thread remembers of a turn. */
const MOST = 1024;

/** How many nested contexts are noted, from the innermost outwards: those that the thread writes. */
const NESTED = 32;

/** A context, by the numbers that the thread knows. Holds it weakly. */
class Note {
  constructor(slot, context) {
    this.slot = slot;
    this.serial = serialOf(context);
    this.ref = new WeakRef(context);

    /** The note of the context that enclosed it when it was last active. */
    this.outer = undefined;
  }
}

Object.setPrototypeOf(Note.prototype, null);

/** Notes the contexts that are active when the thread samples. */
class Sampled {
  #byContext = new SafeWeakMap();
  #notes = safeArray();
  #active;
  #stop;

  /** Starts noting. Throws what `observe` throws. */
  constructor() {
    this.#stop = observe((snapshot) => {
      const before = this.#active;
      this.#active = snapshot;
      if (clock[IS_SAMPLED] === 1) this.#noteBoth(before, snapshot);
    });
  }

  stop() {
    this.#active = undefined;
    this.#stop();
  }

  /** Notes what is active now. */
  noteActive() {
    this.#noteBoth(this.#active, engine.current());
  }

  /** The note of a context; undefined if it was not seen, or is gone. */
  find(slot, serial) {
    const notes = this.#notes;
    for (let index = 0; index < notes.length; index++) {
      const note = notes[index];
      if (note.serial === serial && note.slot === slot && note.ref.deref() !== undefined) return note;
    }
    return undefined;
  }

  /** Runs inside hooks: must not throw. */
  #noteBoth(before, after) {
    try {
      clock[IS_SAMPLED] = 0;
      this.#noteAll(before);
      if (after !== before) this.#noteAll(after);
    } catch {
      // The stack is full.
    }
  }

  #noteAll(snapshot) {
    for (let at = snapshot; at !== undefined; at = at.next) {
      // Other integrations have no contexts of ours.
      if (at.slot.namespace === undefined) continue;
      let inner;
      let frame = at.frame;
      for (let left = NESTED; left > 0 && frame !== undefined; left--, frame = frame.enclosing) {
        const note = this.#noteOf(at.slot.number, frame.context);
        if (inner !== undefined && inner !== note) inner.outer = note;
        inner = note;
      }
    }
  }

  #noteOf(slot, context) {
    const known = this.#byContext.get(context);
    if (known !== undefined) return known;
    if (this.#notes.length >= MOST) this.#makeRoom();
    const note = new Note(slot, context);
    this.#notes[this.#notes.length] = note;
    this.#byContext.set(context, note);
    return note;
  }

  /** Forgets contexts that are gone, or else the older half. */
  #makeRoom() {
    const notes = this.#notes;
    const living = safeArray();
    for (let index = 0; index < notes.length; index++) {
      if (notes[index].ref.deref() !== undefined) living[living.length] = notes[index];
    }
    this.#notes = safeArray();
    const first = living.length > MOST / 2 ? living.length - MOST / 2 : 0;
    for (let index = 0; index < first; index++) this.#byContext.delete(living[index].ref.deref());
    for (let index = first; index < living.length; index++) this.#notes[index - first] = living[index];
  }
}

module.exports = { Sampled };
