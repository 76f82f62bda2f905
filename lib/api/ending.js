'use strict';

const { invalidType } = require('../util/errors');
const { SafeSet, SafeWeakMap } = require('../util/primordials');
const { kindOf } = require('./targets');

/** By a target that some ending waits for, what listens to it. */
const watchers = new SafeWeakMap();

/** Listens to one target for all endings that wait for it. It knows no ending that waits no longer. */
class Watcher {
  #target;
  #endings = new SafeSet();
  #stop;

  constructor(target, kind) {
    this.#target = target;
    this.#stop = kind.listen(target, () => this.#over());
  }

  add(ending) {
    this.#endings.add(ending);
  }

  /** Once nobody waits, it listens no longer, if the target has a way to stop that: a promise has none. */
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
      // A listener of `removeListener` threw: nobody called for it.
    }
  }

  #over() {
    const endings = this.#endings;
    this.#endings = new SafeSet();
    this.#forget();
    endings.forEach((ending) => ending.over(this.#target));
  }
}

function isOver(target, kind) {
  try {
    return kind.isOver(target);
  } catch {
    return false;
  }
}

/** Has an ending hear that a target is over, never before this function returns. */
function watch(target, ending) {
  const kind = kindOf(target);
  if (kind === undefined) {
    throw invalidType('target', 'a stream, a response, another EventEmitter, a promise or an AbortSignal', target);
  }
  if (isOver(target, kind)) {
    process.nextTick(() => ending.over(target));
    return;
  }
  let watcher = watchers.get(target);
  if (watcher === undefined) {
    watcher = new Watcher(target, kind);
    watchers.set(target, watcher);
  }
  watcher.add(ending);
}

/** The end of a context whose life depends on targets: it comes once, when all of them are over. */
class Ending {
  /** The first target, or all of them, until they are over. */
  #target = undefined;
  #targets = undefined;
  #emit;

  /** @param {() => void} emit what is to be done; it does not throw */
  constructor(emit) {
    this.#emit = emit;
  }

  /**
   * Has the end wait for a target, too.
   *
   * @param {object} target
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

  /** Waits for nothing any more: the end does not come from here, and no target keeps the context alive. */
  cancel() {
    const target = this.#target;
    const targets = this.#targets;
    this.#emit = undefined;
    this.#target = undefined;
    this.#targets = undefined;
    if (target !== undefined) watchers.get(target)?.remove(this);
    targets?.forEach((each) => watchers.get(each)?.remove(this));
  }

  /** One of the targets is over. */
  over(target) {
    if (target === this.#target) this.#target = undefined;
    this.#targets?.delete(target);
    if (this.#target !== undefined || this.#targets?.size > 0 || this.#emit === undefined) return;
    const emit = this.#emit;
    this.#emit = undefined;
    emit();
  }
}

module.exports = { Ending };
