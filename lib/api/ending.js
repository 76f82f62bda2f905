'use strict';

const { invalidType } = require('../util/errors');
const { makeHiddenField } = require('../util/hidden-field');
const { SafeSet } = require('../util/primordials');
const { kindOf } = require('./targets');

/** By target: the Watcher that was made last. */
const watchers = makeHiddenField();

const ignore = () => {};

/** Listens to one target on behalf of everything that waits for it. */
class Watcher {
  #target;

  /** Those that wait: an array of one or two, or a set. */
  #waiting = undefined;
  #stop = undefined;

  /** Whether it still tells those that wait. */
  isActive = true;

  constructor(target) {
    this.#target = target;
  }

  /** Listens to a target that is not over. */
  listen(kind) {
    this.#stop = kind.listen(this.#target, (failure) => this.over(failure));
  }

  has(ending) {
    const waiting = this.#waiting;
    if (waiting === undefined) return false;
    return waiting instanceof SafeSet ? waiting.has(ending) : waiting[0] === ending || waiting[1] === ending;
  }

  add(ending) {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#waiting = [ending];
    } else if (waiting instanceof SafeSet) {
      waiting.add(ending);
    } else if (waiting.length === 1) {
      this.#waiting = [waiting[0], ending];
    } else {
      this.#waiting = new SafeSet();
      this.#waiting.add(waiting[0]);
      this.#waiting.add(waiting[1]);
      this.#waiting.add(ending);
    }
  }

  /** Stops listening once nobody waits. A promise can't be unsubscribed from. */
  remove(ending) {
    const waiting = this.#waiting;
    if (waiting instanceof SafeSet) {
      waiting.delete(ending);
      if (waiting.size === 0) this.#waiting = undefined;
    } else if (waiting !== undefined && waiting[0] === ending) {
      this.#waiting = waiting.length === 1 ? undefined : [waiting[1]];
    } else if (waiting !== undefined && waiting[1] === ending) {
      this.#waiting = [waiting[0]];
    }
    if (this.#waiting === undefined && this.#stop !== undefined) this.#forget();
  }

  #forget() {
    const stop = this.#stop;
    this.isActive = false;
    this.#stop = undefined;
    try {
      stop?.();
    } catch {
      // A `removeListener` listener of the application threw.
    }
  }

  /** The target is over. */
  over(failure) {
    const waiting = this.#waiting;
    let thrown;
    // First: who is told may wait for the target again, with a new watcher.
    this.#waiting = undefined;
    this.#forget();
    if (waiting instanceof SafeSet) {
      waiting.forEach((each) => (thrown = this.#tell(each, failure) ?? thrown));
    } else {
      for (let index = 0; index < waiting?.length; index++) thrown = this.#tell(waiting[index], failure) ?? thrown;
    }
    if (thrown !== undefined) throw thrown.error;
  }

  /** Returns what was thrown, if the stack is full: the others must be told, too. */
  #tell(each, failure) {
    try {
      each.over(this.#target, failure, this);
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}

function isOver(target, kind) {
  try {
    return kind.isOver(target);
  } catch {
    return false;
  }
}

/** How a target that is over failed; undefined if it did not. */
function failureOf(target, kind) {
  try {
    return kind.failureOf(target);
  } catch {
    return undefined;
  }
}

/**
 * Has an ending told when a target is over, asynchronously even if that is already the case.
 * @param {object} target
 * @param {{ over: (target: object, failure: object | undefined, watcher: Watcher) => void }} ending
 * @param {{ over: Function }} [first] told before it; its `over` must not throw either
 * @returns {Watcher | undefined} undefined if the ending waits for the target already
 */
function watch(target, ending, first) {
  const kind = kindOf(target);
  if (kind === undefined) {
    throw invalidType('target', 'a stream, a response, another EventEmitter, a promise or an AbortSignal', target);
  }
  const last = watchers.entryOf(target);
  let watcher = last.value;
  if (watcher?.has(ending)) return undefined;
  if (isOver(target, kind)) {
    watcher = new Watcher(target);
    process.nextTick(() => watcher.over(failureOf(target, kind)));
  } else if (watcher === undefined || !watcher.isActive) {
    watcher = new Watcher(target);
    watcher.listen(kind);
    last.value = watcher;
  }
  if (first !== undefined) watcher.add(first);
  watcher.add(ending);
  return watcher;
}

/** Ends a context once all of its targets are over. */
class Ending {
  /** The watcher of the only target; or those of all in `#watchers`. */
  #watcher = undefined;
  #watchers = undefined;
  #emit;

  /** The first failure of a target, or of a call. */
  failure = undefined;

  /**
   * @param {(failure: { error: unknown } | undefined) => void} emit ends the context, which closes this; does nothing if it has
   *   ended. It only throws if the stack is full, and then it may be called again
   */
  constructor(emit) {
    this.#emit = emit;
  }

  /** Notes a failure; the first one counts. */
  fail(failure) {
    this.failure ??= failure;
  }

  /**
   * Adds a target to wait for. `first` is called before, see `watch`.
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  add(target, first = undefined) {
    const watcher = watch(target, this, first);
    if (watcher === undefined) return;
    if (this.#watcher === undefined && this.#watchers === undefined) {
      this.#watcher = watcher;
      return;
    }
    if (this.#watchers === undefined) {
      this.#watchers = new SafeSet();
      this.#watchers.add(this.#watcher);
      this.#watcher = undefined;
    }
    this.#watchers.add(watcher);
  }

  /** Ends now, see `emit` of the constructor. */
  end() {
    this.#emit(this.failure);
  }

  /** Stops waiting, and releases the context from all targets. */
  close() {
    const watcher = this.#watcher;
    const watchersOfAll = this.#watchers;
    this.#emit = ignore;
    this.#watcher = undefined;
    this.#watchers = undefined;
    watcher?.remove(this);
    watchersOfAll?.forEach((each) => each.remove(this));
  }

  /** A target is over. */
  over(target, failure, watcher) {
    this.fail(failure);
    if (watcher === this.#watcher) this.#watcher = undefined;
    this.#watchers?.delete(watcher);
    if (this.#watcher === undefined && !(this.#watchers?.size > 0)) this.#emit(this.failure);
  }
}

module.exports = { Ending };
