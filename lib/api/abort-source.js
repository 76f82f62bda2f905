'use strict';

const { getEventListeners } = require('node:events');
const { isSet } = require('node:util/types');

const { AbortController } = require('../util/abort');
const { SafeSet, SafeWeakMap, safeArray } = require('../util/primordials');
const { reserveSomeStack } = require('../util/stack');

const { WeakRef } = globalThis;
const { deref } = WeakRef.prototype;
const { forEach } = Set.prototype;
const { apply } = Reflect;

/** How many followers are held before the first look for ones that nobody observes. */
const FEW = 32;

/** Whether a value is a reference that leads nowhere. Node.js' own are no instances of WeakRef. */
function isGone(value) {
  try {
    return apply(deref, value, []) === undefined;
  } catch {
    return false;
  }
}

/** Whether a set has anything but such references. */
function hasLiving(set) {
  let found = false;
  apply(forEach, set, [(each) => (found ||= !isGone(each))]);
  return found;
}

/**
 * Whether somebody would notice that a signal aborts without holding it: it has listeners, or signals of `AbortSignal.any`
 * depend on it, which Node.js lists in a set under a symbol, by references that Node.js 20 keeps.
 */
function isObserved(signal) {
  try {
    if (getEventListeners(signal, 'abort').length > 0) return true;
    const symbols = Object.getOwnPropertySymbols(signal);
    for (let index = 0; index < symbols.length; index++) {
      const value = signal[symbols[index]];
      if (isSet(value) && hasLiving(value)) return true;
    }
    return false;
  } catch {
    // Another runtime: assume the worst.
    return true;
  }
}

/**
 * The sources that abort with another one. Those that nobody observes are held weakly, so that many short-lived contexts inside
 * a long-lived one can be collected. Each addition costs constant time on average.
 */
class Followers {
  #held = new SafeSet();
  #mostHeld = FEW;

  /** References; some may lead to the same source, or to one that is held again. */
  #weak = new SafeSet();
  #mostWeak = FEW;

  add(source) {
    this.#held.add(source);
    if (this.#held.size > this.#mostHeld) this.#release(source);
  }

  /** Calls a function with each follower, with some repeatedly. */
  forEach(callback) {
    this.#held.forEach((source) => callback(source));
    this.#weak.forEach((reference) => {
      const source = apply(deref, reference, []);
      if (source !== undefined) callback(source);
    });
  }

  /**
   * Holds the sources weakly that nobody observes.
   * @param {AbortSource} added was just asked for, and may soon be observed
   */
  #release(added) {
    const sources = this.#held;
    this.#held = new SafeSet();
    sources.forEach((source) => {
      if (source.failure !== undefined) return;
      if (source === added || source.isObserved()) this.#held.add(source);
      else this.#weak.add(new WeakRef(source));
    });
    if (this.#weak.size > this.#mostWeak) this.#prune();
    this.#mostHeld = Math.max(FEW, 2 * this.#held.size);
  }

  /** Drops the references that lead nowhere or are there twice. */
  #prune() {
    const references = this.#weak;
    const seen = new SafeSet();
    this.#weak = new SafeSet();
    references.forEach((reference) => {
      const source = apply(deref, reference, []);
      if (source === undefined || source.failure !== undefined || seen.has(source)) return;
      seen.add(source);
      if (source.isObserved()) this.#held.add(source);
      else this.#weak.add(reference);
    });
    this.#mostWeak = Math.max(FEW, 2 * this.#weak.size);
  }
}

/** Arguments that make a call use more stack. */
const padding = new Array(128).fill(0);

const ignore = () => {};

/** Aborts a signal that nobody has. */
function rehearse() {
  const controller = new AbortController();
  controller.signal.addEventListener('abort', ignore);
  controller.abort();
}

/** What can be aborted: a context; or a context as it is nested, which aborts with any of those around it. */
class AbortSource {
  #controller = undefined;
  #followers = undefined;
  #isClosed = false;

  /** What a nested source follows. */
  #followed;

  /** The sources that follow this one and another one, by that. */
  #nested = undefined;

  /** Set once it has aborted: the reason is `error`. */
  failure = undefined;

  /** @param {AbortSource[]} [followed] */
  constructor(followed = undefined) {
    this.#followed = followed;
  }

  /** The signal, made when it is first asked for. */
  get signal() {
    this.#controller ??= new AbortController();
    if (this.failure !== undefined) this.#dispatch();
    return this.#controller.signal;
  }

  /** If the stack is too full to abort, it overflows here, before any state changes. */
  reserveStack() {
    if (this.#controller === undefined && this.#followers === undefined) return;
    // An overflow in a listener, also in that of the rehearsal, would be an uncaught exception.
    reserveSomeStack();
    apply(rehearse, undefined, padding);
  }

  /**
   * Aborts this source and all that follow it. Listeners run when all are marked.
   * @param {{ error: unknown }} failure
   */
  abort(failure) {
    const aborted = safeArray();
    aborted[0] = this;
    this.failure = failure;
    const mark = (source) => {
      if (source.failure !== undefined) return;
      source.failure = failure;
      aborted[aborted.length] = source;
    };
    for (let index = 0; index < aborted.length; index++) {
      aborted[index].#followers?.forEach(mark);
      aborted[index].#followers = undefined;
    }
    let thrown;
    for (let index = 0; index < aborted.length; index++) {
      try {
        aborted[index].#dispatch();
      } catch (error) {
        // The stack is full: listeners don't throw, and the others must run.
        thrown = { error };
      }
    }
    if (thrown !== undefined) throw thrown.error;
  }

  /** From now on the source never aborts. */
  close() {
    this.#isClosed = true;
    this.#followers = undefined;
  }

  /**
   * The source of this context inside an enclosing one: it aborts with either.
   * @param {AbortSource} outer
   * @returns {AbortSource} the same one each time
   */
  within(outer) {
    this.#nested ??= new SafeWeakMap();
    let source = this.#nested.get(outer);
    if (source === undefined) {
      source = new AbortSource([this, outer]);
      source.failure = this.failure ?? outer.failure;
      this.#nested.set(outer, source);
    }
    source.#hold();
    return source;
  }

  /** Makes the followed sources hold this one until they find that nobody observes it. */
  #hold() {
    if (this.failure !== undefined) return;
    for (let index = 0; index < this.#followed.length; index++) this.#followed[index].#add(this);
  }

  #add(source) {
    if (this.#isClosed) return;
    this.#followers ??= new Followers();
    this.#followers.add(source);
  }

  /** Whether somebody observes this source or one that follows it. */
  isObserved() {
    const sources = safeArray();
    sources[0] = this;
    const push = (source) => (sources[sources.length] = source);
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index];
      if (source.#controller !== undefined && isObserved(source.#controller.signal)) return true;
      source.#followers?.forEach(push);
    }
    return false;
  }

  #dispatch() {
    const controller = this.#controller;
    if (controller !== undefined && !controller.signal.aborted) controller.abort(this.failure.error);
  }
}

module.exports = { AbortSource };
