'use strict';

const { invalidType } = require('../util/errors');
const { makeHiddenField } = require('../util/hidden-field');
const { SafeSet } = require('../util/primordials');
const { kindOf } = require('./targets');

/** By target: its Watcher, while somebody waits for it. */
const watchers = makeHiddenField();

const ignore = () => {};

/** Listens to one target on behalf of everything that waits for it. */
class Watcher {
  #target;

  /** Those that wait: an array of one or two, or a set. */
  #waiting = undefined;
  #stop;
  #isForgotten = false;

  constructor(target, kind) {
    this.#target = target;
    this.#stop = kind.listen(target, (failure) => this.#over(failure));
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
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    if (watchers.get(this.#target) === this) watchers.set(this.#target, undefined);
    try {
      this.#stop?.();
    } catch {
      // A `removeListener` listener of the application threw.
    }
  }

  #over(failure) {
    const waiting = this.#waiting;
    let thrown;
    if (waiting instanceof SafeSet) {
      waiting.forEach((each) => (thrown = this.#tell(each, failure) ?? thrown));
    } else {
      for (let index = 0; index < waiting?.length; index++) thrown = this.#tell(waiting[index], failure) ?? thrown;
    }
    this.#waiting = undefined;
    this.#forget();
    if (thrown !== undefined) throw thrown.error;
  }

  /** Returns what was thrown, if the stack is full: the others must be told, too. */
  #tell(each, failure) {
    try {
      each.over(this.#target, failure);
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
 * Calls `over(target, failure)` of an ending when a target is over, asynchronously even if that is already the case.
 * @param {object} target
 * @param {{ over: Function }} ending
 * @param {{ over: Function }} [first] called before it; its `over` must not throw either
 */
function watch(target, ending, first) {
  const kind = kindOf(target);
  if (kind === undefined) {
    throw invalidType('target', 'a stream, a response, another EventEmitter, a promise or an AbortSignal', target);
  }
  if (isOver(target, kind)) {
    process.nextTick(() => {
      const failure = failureOf(target, kind);
      first?.over(target, failure);
      ending.over(target, failure);
    });
    return;
  }
  let watcher = watchers.get(target);
  if (watcher === undefined) {
    watcher = new Watcher(target, kind);
    watchers.set(target, watcher);
  }
  if (first !== undefined) watcher.add(first);
  watcher.add(ending);
}

/** Ends a context once all of its targets are over. */
class Ending {
  /** The only target; or all of them in `#targets`. Neither keeps targets that are over. */
  #target = undefined;
  #targets = undefined;
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
    if (target !== undefined && (target === this.#target || this.#targets?.has(target))) return;
    watch(target, this, first);
    if (this.#target === undefined && this.#targets === undefined) {
      this.#target = target;
      return;
    }
    if (this.#targets === undefined) {
      this.#targets = new SafeSet();
      this.#targets.add(this.#target);
      this.#target = undefined;
    }
    this.#targets.add(target);
  }

  /** Ends now, see `emit` of the constructor. */
  end() {
    this.#emit(this.failure);
  }

  /** Stops waiting, and releases the context from all targets. */
  close() {
    const target = this.#target;
    const targets = this.#targets;
    this.#emit = ignore;
    this.#target = undefined;
    this.#targets = undefined;
    if (target !== undefined) watchers.get(target)?.remove(this);
    targets?.forEach((each) => watchers.get(each)?.remove(this));
  }

  /** A target is over. */
  over(target, failure) {
    this.fail(failure);
    if (target === this.#target) this.#target = undefined;
    this.#targets?.delete(target);
    if (this.#target === undefined && !(this.#targets?.size > 0)) this.#emit(this.failure);
  }
}

module.exports = { Ending };
