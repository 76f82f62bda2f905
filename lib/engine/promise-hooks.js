'use strict';

/**
 * Promises told by V8 itself, for the engine `async-hooks` on Node.js 20 and 22. An enabled hook of node:async_hooks has Node.js
 * track all promises, with ids and an entry on its stack for each reaction, which costs more than all else that is done for a
 * promise. As long as nobody but this package has them tracked, V8 tells the engine of promises (`v8.promiseHooks`, which is public),
 * and Node.js of everything else.
 *
 * Whenever a hook is enabled, Node.js asks for its own promise hooks by a call of `v8.promiseHooks.createHook`. That is where they
 * are kept off, and where it is seen that somebody else wants them. From then on Node.js tracks promises, as ever, and tells the
 * engine of them. There is no way back.
 */

const { AsyncResource, createHook: createAsyncHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');
const { promiseHooks } = require('node:v8');
const vm = require('node:vm');

const { Method, define } = require('../util/methods');
const { Scripts } = require('./vm-scripts');

const { apply, getOwnPropertyDescriptor, ownKeys } = Reflect;

/** Emitted before an exception that nobody has caught is handled. Listeners change nothing about that. */
const EXCEPTION = 'uncaughtExceptionMonitor';

/** The properties in which Node.js has the ids of an async resource, and of a promise once that is tracked. */
let kAsyncId;
let kTriggerAsyncId;

/**
 * The ids of promises that V8 tells of are small integers. Node.js counts from 1, and gets to them after a billion resources; the
 * same one is used again after a billion promises.
 */
const HIGHEST_ID = 2 ** 31 - 1;
const LOWEST_ID = 2 ** 30;
let nextId = HIGHEST_ID;

/**
 * Gives a promise an id, as Node.js does when it tracks promises. By it Node.js makes the promise the resource of what it runs for
 * an unhandled rejection; and if it tracks promises later, it need not write on one that was frozen meanwhile.
 *
 * @throws {TypeError} if the promise takes no property: it was frozen before anybody told of it
 */
function identify(promise) {
  promise[kAsyncId] = nextId;
  promise[kTriggerAsyncId] = 0;
  nextId = nextId === LOWEST_ID ? HIGHEST_ID : nextId - 1;
}

/** The async id of a promise, or undefined if it has none. */
function idOf(promise) {
  return promise[kAsyncId];
}

/** Whether this is a Node.js whose promises can be told this way. Asked before an application can have changed anything. */
const isSupported = !isLaterNode() && findIdKeys();

function findIdKeys() {
  const resource = new AsyncResource('CONTEXT', { triggerAsyncId: 0 });
  for (const key of ownKeys(resource)) {
    if (resource[key] === resource.asyncId()) kAsyncId = key;
    else if (resource[key] === 0) kTriggerAsyncId = key;
  }
  return typeof kAsyncId === 'symbol' && typeof kTriggerAsyncId === 'symbol';
}

/**
 * Later releases have hooks that want no promises, and look at the option for them. They carry contexts without hooks, unless they
 * are told not to; it is not worth it to have a third way there.
 */
function isLaterNode() {
  try {
    createAsyncHook({ trackPromises: 'neither true nor false' });
    return false;
  } catch {
    return true;
  }
}

/** How many promise hooks V8 has: init, before, after, settled. */
const HOOK_KINDS = 4;

/**
 * Whether anybody has promise hooks: Node.js for a hook of any kind, or one that was just disabled, or users of `v8.promiseHooks`. No
 * public API shows it, as hooks without `init` leave no trace on a promise until it reacts. So this reads the list that Node.js itself
 * keeps.
 *
 * @returns {boolean} true also if the list can't be read (`--permission` forbids it)
 */
function isHooked() {
  const noDeprecation = getOwnPropertyDescriptor(process, 'noDeprecation');
  try {
    // Node.js 20 and 22 print a deprecation warning for this binding, with no other way to read the list.
    define(process, 'noDeprecation', { value: true, configurable: true, enumerable: true, writable: true });
    return hasFunction(process.binding('async_wrap').getPromiseHooks());
  } catch {
    return true;
  } finally {
    define(process, 'noDeprecation', noDeprecation);
  }
}

function hasFunction(hooks) {
  if (hooks.length !== HOOK_KINDS) return true;
  for (let kind = 0; kind < HOOK_KINDS; kind++) {
    if (hooks[kind] !== undefined) return true;
  }
  return false;
}

function ignore() {}

function isExpected({ init, before, after, settled }) {
  return typeof init === 'function' && typeof before === 'function' && typeof after === 'function' && settled === undefined;
}

/** Promises that V8 tells of. */
class OwnPromiseHooks {
  #createHookMethod = new Method(promiseHooks, 'createHook');
  #scripts = new Scripts();
  #nodeHooks;
  #stopNodeHooks = ignore;
  #stopBeginning;
  #stopEnding;
  #events;
  #left = false;

  /** @param {object} events see `enable` */
  constructor(events) {
    this.#events = events;
  }

  /** Whether promises can be told this way. To be asked before `enable` is called. */
  prepare() {
    if (!isSupported || !this.#createHookMethod.isReplaceable || !this.#scripts.isReplaceable) return false;
    // Modules have timeouts, too, but nothing tells when one has been evaluated.
    if (vm.SourceTextModule !== undefined) return false;
    try {
      process.on(EXCEPTION, this.#events.exception);
      if (this.#scripts.watch(this.#events, (asyncId) => this.#popUntil(asyncId)) && !isHooked()) return true;
    } catch {
      // The stack is full, or what the application has put into the place of something throws.
    }
    this.#stopWatching();
    return false;
  }

  #stopWatching() {
    this.#scripts.stop();
    this.#stopListening();
  }

  #stopListening() {
    try {
      process.off(EXCEPTION, this.#events.exception);
    } catch {
      // It does nothing when there is no reaction.
    }
  }

  /**
   * Takes the reactions that were cut short with a script off the stack of async ids, by what Node.js itself does at the end of a
   * reaction. With them on it, Node.js ends the process at the end of the callback. What else was cut short can't be taken off.
   *
   * @param {number} asyncId what ran when the script was called
   */
  #popUntil(asyncId) {
    for (let now = executionAsyncId(); now !== asyncId; now = executionAsyncId()) {
      const promise = executionAsyncResource();
      if (!isPromise(promise) || idOf(promise) !== now) return;
      this.#nodeHooks.after(promise);
      if (executionAsyncId() === now) return;
    }
  }

  #createHook(hooks) {
    return apply(this.#createHookMethod.original, promiseHooks, [hooks]);
  }

  /**
   * Enables a hook, with the promise hooks of Node.js kept off.
   *
   * @returns {boolean} false if Node.js did not ask for them as expected, and has got what it asked for
   */
  enable(hook) {
    this.#createHookMethod.replace((hooks) => {
      this.#nodeHooks = hooks;
      return () => this.#stopNodeHooks();
    });
    hook.enable();
    this.#createHookMethod.restore();
    if (this.#nodeHooks === undefined || !isExpected(this.#nodeHooks)) {
      if (this.#nodeHooks !== undefined) this.#stopNodeHooks = this.#createHook(this.#nodeHooks);
      this.#stopWatching();
      return false;
    }
    const { init, before, after } = this.#events;
    this.#stopBeginning = this.#createHook({ init, before });
    this.#stopEnding = this.#createHook({ after });
    this.#watch();
    return true;
  }

  /** Looks who creates promise hooks: Node.js is known by those that it asked for, as nobody else has them. */
  #watch() {
    const own = this;
    const { original } = this.#createHookMethod;
    const { createHook } = {
      createHook(hooks) {
        if (hooks?.before === own.#nodeHooks.before) own.leave();
        return apply(original, this, arguments);
      },
    };
    this.#createHookMethod.replace(createHook);
  }

  /** From here on Node.js tracks promises: somebody else wants it, and it is about to begin. */
  leave() {
    if (this.#left) return;
    this.#left = true;
    this.#createHookMethod.restore();
    this.#stopBeginning();
    if (!this.#events.leave()) this.stop();
  }

  /** Has Node.js track promises from the reaction on of whose beginning V8 has just told. */
  leaveAt(promise) {
    if (!this.#left) {
      this.leave();
      this.#stopNodeHooks = this.#createHook(this.#nodeHooks);
    }
    this.#nodeHooks.before(promise);
  }

  /** Nothing is to be told any more. Scripts are still seen, for `#popUntil`. */
  stop() {
    this.#stopEnding();
    this.#stopListening();
  }
}

/**
 * Enables a hook. If possible, V8 tells of promises in its place, until `leave` is called.
 *
 * @param {AsyncHook} hook with `init`, `before` and `after`
 * @param {object} events
 * @param {(promise: Promise) => void} events.init
 * @param {(promise: Promise) => void} events.before
 * @param {(promise: Promise) => void} events.after
 * @param {() => boolean} events.leave called when Node.js begins to tell the hook of promises; returns whether the `after` of a
 *   reaction that is going on is still to be told, until `stop` is called. Node.js tells of that, too
 * @param {() => boolean} events.isReacting whether a reaction has begun and not ended
 * @param {() => void} events.cutShort called when a reaction was cut short, so that it has no `after`
 * @param {() => void} events.exception called before an exception that nobody has caught is handled
 * @returns {OwnPromiseHooks | undefined} undefined if Node.js tells the hook of promises from the beginning
 */
function enable(hook, events) {
  const own = new OwnPromiseHooks(events);
  if (own.prepare()) return own.enable(hook) ? own : undefined;
  hook.enable();
  return undefined;
}

module.exports = { enable, idOf, identify };
