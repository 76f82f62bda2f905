'use strict';

const { SafeSet } = require('../../util/primordials');
const { makeHiddenField } = require('../../util/hidden-field');
const { beginningOf, copyText } = require('../../util/text');
const { millisecondsNow } = require('../clock');

/** The most characters of a label that are kept. */
const LONGEST_LABEL = 128;

/** By context, whichever copy of the package created it: its `EndedContext`. */
const endedContextOf = makeHiddenField();

/** The name of the class below in heap snapshots. A property, which bundlers don't rename. */
const className = 'EndedContext';

const { EndedContext } = {
  /**
   * A context that has ended. Heap snapshots are searched for this class and its properties; the context is at the end of the
   * reference's weak edge, because `deref` would keep it alive until the end of the running job.
   */
  EndedContext: class {
    label = '';
    endedAt = 0;
    /** While a snapshot is taken: its age and label. */
    mark = undefined;

    constructor(context) {
      this.reference = new WeakRef(context);
    }
  },
};

/**
 * An age in milliseconds and a label as a string that snapshots have: of ASCII, since V8 drops halves of surrogate pairs, and
 * copied, since it omits the text of a concatenated string.
 */
function toMark(age, label) {
  const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return Buffer.from(JSON.stringify([age, label]).replaceAll(/[^ -~]/g, escape), 'latin1').latin1Slice();
}

/** The contexts that have ended and are still in memory. */
class EndedContexts {
  #all = new SafeSet();
  #collected = new FinalizationRegistry((ended) => this.#all.delete(ended));
  #label;
  #isLabelling = false;
  #hasWarned = false;

  constructor(label) {
    this.#label = label;
  }

  /** Adds a context, or replaces the label and time of one that has ended again. Never throws: it runs while a context ends. */
  add(context) {
    try {
      const label = copyText(beginningOf(this.#labelOf(context), LONGEST_LABEL));
      let ended = endedContextOf.get(context);
      if (ended === undefined) endedContextOf.set(context, (ended = new EndedContext(context)));
      ended.label = label;
      ended.endedAt = millisecondsNow();
      if (this.#all.has(ended)) return;
      this.#collected.register(context, ended);
      this.#all.add(ended);
    } catch {
      // The stack is full.
    }
  }

  #labelOf(context) {
    const { name } = context.namespace;
    // A function that ends contexts itself would never return.
    if (this.#label === undefined || this.#isLabelling) return name;
    this.#isLabelling = true;
    try {
      return `${this.#label(context) ?? name}`;
    } catch (error) {
      if (this.#hasWarned) return name;
      this.#hasWarned = true;
      const message = `The function label of context/leaks threw: ${error?.message ?? error}. The name of the namespace is the label instead`;
      process.emitWarning(message, { type: 'ContextWarning', code: 'CONTEXT_LEAKS_LABEL' });
      return name;
    } finally {
      this.#isLabelling = false;
    }
  }

  /** Those that ended at least some milliseconds ago. @returns {{ ended: EndedContext, age: number }[]} */
  #olderThan(olderThan) {
    const now = millisecondsNow();
    const found = [];
    this.#all.forEach((ended) => {
      const age = Math.ceil(now - ended.endedAt);
      if (age >= olderThan) found.push({ ended, age });
    });
    return found;
  }

  /** @returns {{ label: string, count: number, oldest: number }[]} by label, the largest first */
  groups(olderThan) {
    const groups = new Map();
    for (const { ended, age } of this.#olderThan(olderThan)) {
      const { label } = ended;
      const { count, oldest } = groups.get(label) ?? { count: 0, oldest: 0 };
      groups.set(label, { label, count: count + 1, oldest: Math.max(oldest, age) });
    }
    return [...groups.values()].sort((one, other) => other.count - one.count);
  }

  /** Calls what takes a heap snapshot while some contexts are marked: at most `sample`, from all of the time. */
  mark({ olderThan, sample }, take) {
    const all = this.#olderThan(olderThan);
    const count = Math.min(all.length, Math.floor(sample));
    const marked = Array.from({ length: count }, (_, index) => all[Math.floor((index * all.length) / count)]);
    try {
      for (const { ended, age } of marked) ended.mark = toMark(age, ended.label);
      return take();
    } finally {
      for (const { ended } of marked) ended.mark = undefined;
    }
  }
}

module.exports = { EndedContexts, className };
