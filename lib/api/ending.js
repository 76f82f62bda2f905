'use strict';

const events = require('node:events');
const { isPromise } = require('node:util/types');

const { invalidType } = require('../util/errors');
const { SafeSet, SafeWeakMap } = require('../util/primordials');

const { apply } = Reflect;
const nativeThen = Promise.prototype.then;

/** What a target that is watched tells when it is over. Each has one listener, however many contexts end with it. */
const watchers = new SafeWeakMap();

function isSignal(target) {
  return typeof target.aborted === 'boolean' && typeof target.addEventListener === 'function';
}

function isEmitter(target) {
  return typeof target.once === 'function' && typeof target.emit === 'function';
}

/** Has a signal told also if another listener stops the event (`stopImmediatePropagation`), from Node.js 20.5 on. */
function listenToSignal(signal, tell) {
  if (events.addAbortListener === undefined) signal.addEventListener('abort', tell, { once: true });
  else events.addAbortListener(signal, tell);
}

/** How to be told that a target is over: the function that does it, or undefined if the target is of no such kind. */
function listenerFor(target) {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return undefined;
  try {
    if (isPromise(target)) return (tell) => apply(nativeThen, target, [tell, tell]);
    if (isSignal(target)) return (tell) => listenToSignal(target, tell);
    if (isEmitter(target)) return (tell) => target.once('close', tell);
  } catch {
    // It does not let itself be looked at.
  }
  return undefined;
}

/** Whether a target is over already. A response of HTTP/2 tells by its stream. */
function isOver(target) {
  try {
    return target.aborted === true || target.closed === true || target.destroyed === true || target.stream?.destroyed === true;
  } catch {
    return false;
  }
}

/**
 * Watches a target.
 *
 * @param {object} target
 * @param {() => void} tell called once it is over, never before this function returns; it does not throw
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is nothing that can be over
 */
function watch(target, tell) {
  const listen = listenerFor(target);
  if (listen === undefined) {
    throw invalidType('target', 'a stream, a response, another EventEmitter, a promise or an AbortSignal', target);
  }
  if (isOver(target)) {
    process.nextTick(tell);
    return;
  }
  const known = watchers.get(target);
  if (known !== undefined) {
    known.add(tell);
    return;
  }
  const tells = new SafeSet();
  tells.add(tell);
  listen(() => {
    watchers.delete(target);
    tells.forEach((each) => each());
  });
  watchers.set(target, tells);
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
    watch(target, () => this.#over(target));
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

  /** Lets go of the context: its end does not come from here any more. */
  cancel() {
    this.#emit = undefined;
    this.#target = undefined;
    this.#targets = undefined;
  }

  #over(target) {
    this.#target = undefined;
    this.#targets?.delete(target);
    if (this.#targets?.size > 0 || this.#emit === undefined) return;
    const emit = this.#emit;
    this.#emit = undefined;
    emit();
  }
}

module.exports = { Ending };
