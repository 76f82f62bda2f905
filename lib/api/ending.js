'use strict';

const { invalidType } = require('../util/errors');
const { SafeSet, SafeWeakMap } = require('../util/primordials');
const { kindOf } = require('./targets');

/** By target: its watcher, while endings wait for it. */
const watchers = new SafeWeakMap();

/** Listens to one target on behalf of all endings that wait for it. */
class Watcher {
  #target;
  #endings = new SafeSet();
  #stop;

  constructor(target, kind) {
    this.#target = target;
    this.#stop = kind.listen(target, (failure) => this.#over(failure));
  }

  add(ending) {
    this.#endings.add(ending);
  }

  /** Stops listening once no ending waits. A promise can't be unsubscribed from. */
  remove(ending) {
    this.#endings.delete(ending);
    if (this.#endings.size === 0 && this.#stop !== undefined) this.#forget();
  }

  #forget() {
    if (watchers.get(this.#target) === this) watchers.delete(this.#target);
    const stop = this.#stop;
    this.#stop = undefined;
    try {
      stop?.();
    } catch {
      // A `removeListener` listener of the application threw.
    }
  }

  #over(failure) {
    const endings = this.#endings;
    this.#endings = new SafeSet();
    this.#forget();
    endings.forEach((ending) => ending.over(this.#target, failure));
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

/** Notifies an ending when a target is over, asynchronously even if that is already the case. */
function watch(target, ending) {
  const kind = kindOf(target);
  if (kind === undefined) {
    throw invalidType('target', 'a stream, a response, another EventEmitter, a promise or an AbortSignal', target);
  }
  if (isOver(target, kind)) {
    process.nextTick(() => ending.over(target, failureOf(target, kind)));
    return;
  }
  let watcher = watchers.get(target);
  if (watcher === undefined) {
    watcher = new Watcher(target, kind);
    watchers.set(target, watcher);
  }
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

  /** @param {(failure: { error: unknown } | undefined) => void} emit must not throw */
  constructor(emit) {
    this.#emit = emit;
  }

  /** Notes a failure; the first one counts. */
  fail(failure) {
    this.failure ??= failure;
  }

  /**
   * Adds a target to wait for.
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  add(target) {
    if (target !== undefined && (target === this.#target || this.#targets?.has(target))) return;
    watch(target, this);
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

  /** Ends now: stops waiting, and releases the context from all targets. */
  end() {
    const emit = this.#emit;
    const target = this.#target;
    const targets = this.#targets;
    this.#emit = undefined;
    this.#target = undefined;
    this.#targets = undefined;
    if (target !== undefined) watchers.get(target)?.remove(this);
    targets?.forEach((each) => watchers.get(each)?.remove(this));
    emit?.(this.failure);
  }

  /** A target is over. */
  over(target, failure) {
    if (this.#emit === undefined) return;
    this.fail(failure);
    if (target === this.#target) this.#target = undefined;
    this.#targets?.delete(target);
    if (this.#target !== undefined || this.#targets?.size > 0) return;
    const emit = this.#emit;
    this.#emit = undefined;
    emit(this.failure);
  }
}

module.exports = { Ending };
