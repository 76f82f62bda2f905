'use strict';

/**
 * Promise events straight from V8, for the `async-hooks` engine on Node.js 20 and 22. Enabling a hook of node:async_hooks makes
 * Node.js track all promises, with ids and a stack entry per reaction, which costs more than everything else. So as long as
 * only this package needs promise events, V8 delivers them (the public `v8.promiseHooks`), and Node.js delivers the rest.
 *
 * When a hook is enabled, Node.js installs its own promise hooks by calling `v8.promiseHooks.createHook`. This file replaces
 * that function: to keep Node.js from tracking promises for our hook, and to notice when another hook needs it. Then Node.js
 * tracks promises and delivers their events to the engine, permanently.
 */

const { AsyncResource, createHook: createAsyncHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');
const { promiseHooks } = require('node:v8');
const vm = require('node:vm');

const { Method, define } = require('../util/methods');
const { Scripts } = require('./vm-scripts');

const { apply, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { runInThisContext } = vm.Script.prototype;

/** Emitted before an uncaught exception is handled. Listeners don't affect the outcome. */
const EXCEPTION = 'uncaughtExceptionMonitor';

/** The symbols under which Node.js stores the async ids of resources and tracked promises. */
let kAsyncId;
let kTriggerAsyncId;

/**
 * Ids for promises that V8 reports: small integers that Node.js would reach after a billion resources. They repeat after a
 * billion promises.
 */
const HIGHEST_ID = 2 ** 31 - 1;
const LOWEST_ID = 2 ** 30;
let nextId = HIGHEST_ID;

/**
 * Gives a promise an id, as Node.js does when it tracks promises. With an id, the promise is the resource of its unhandled
 * rejection's handlers; and if it is frozen and tracked later, Node.js need not write to it.
 * @throws {TypeError} if the promise is not extensible
 */
function identify(promise) {
  promise[kAsyncId] = nextId;
  promise[kTriggerAsyncId] = 0;
  nextId = nextId === LOWEST_ID ? HIGHEST_ID : nextId - 1;
}

function idOf(promise) {
  return promise[kAsyncId];
}

/** Whether this Node.js is supported. Determined before the application can change anything. */
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
 * Later releases have hooks that leave promises out (`trackPromises`), and validate that option. They carry contexts without
 * hooks by default, so a third way isn't worth it there.
 */
function isLaterNode() {
  try {
    createAsyncHook({ trackPromises: 'neither true nor false' });
    return false;
  } catch {
    return true;
  }
}

/** V8's promise hooks: init, before, after, settled. */
const HOOK_KINDS = 4;

/**
 * Whether anybody has promise hooks: Node.js for hooks of any kind, even just disabled, or users of `v8.promiseHooks`. No
 * public API reveals hooks without `init` before a promise reacts, so this reads the list that Node.js keeps.
 * @returns {boolean} true also if the list can't be read (`--permission` forbids it)
 */
function isHooked() {
  try {
    // Test runners put a copy in the place of `process`; the warning below looks at the original.
    const platformProcess = apply(runInThisContext, new vm.Script('process'), []);
    const noDeprecation = getOwnPropertyDescriptor(platformProcess, 'noDeprecation');
    try {
      // Reading it through this binding prints a deprecation warning on Node.js 20 and 22; there is no other way.
      define(platformProcess, 'noDeprecation', { value: true, configurable: true, enumerable: true, writable: true });
      return hasFunction(platformProcess.binding('async_wrap').getPromiseHooks());
    } finally {
      define(platformProcess, 'noDeprecation', noDeprecation);
    }
  } catch {
    return true;
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

/** Our promise hooks, and the patch that keeps those of Node.js off. */
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

  /** Whether V8's promise events can be used. Called before `enable`. */
  prepare() {
    if (!isSupported || !this.#createHookMethod.isReplaceable || !this.#scripts.isReplaceable) return false;
    // Modules have timeouts as well, but their end is not observable.
    if (vm.SourceTextModule !== undefined) return false;
    try {
      process.on(EXCEPTION, this.#events.exception);
      if (this.#scripts.watch(this.#events, (asyncId) => this.#popUntil(asyncId)) && !isHooked()) return true;
    } catch {
      // The stack is full, or a replacement by the application threw.
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
      // The listener does nothing outside a reaction.
    }
  }

  /**
   * Removes reactions that were aborted with a script from Node.js' stack of async ids, by calling what Node.js itself calls
   * after a reaction. Otherwise Node.js ends the process at the end of the callback. Other aborted callbacks can't be removed.
   * @param {number} asyncId the id that was current when the script was called
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
   * Enables a hook while keeping Node.js' promise hooks off.
   * @returns {boolean} false if Node.js did not request hooks as expected, and got what it requested
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

  /** Watches for Node.js creating promise hooks again: nobody else has its functions. */
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

  /** Hands promises over to Node.js, which is about to track them for another hook. */
  leave() {
    if (this.#left) return;
    this.#left = true;
    this.#createHookMethod.restore();
    this.#stopBeginning();
    if (!this.#events.leave()) this.stop();
  }

  /** Hands promises over to Node.js from a reaction on that has just begun. */
  leaveAt(promise) {
    if (!this.#left) {
      this.leave();
      this.#stopNodeHooks = this.#createHook(this.#nodeHooks);
    }
    this.#nodeHooks.before(promise);
  }

  /** Ends all events. Scripts are still watched, for `#popUntil`. */
  stop() {
    this.#stopEnding();
    this.#stopListening();
  }
}

/**
 * Enables a hook; if possible, with promise events from V8 until `leave` is called.
 * @param {AsyncHook} hook with `init`, `before` and `after`
 * @param {object} events
 * @param {(promise: Promise) => void} events.init
 * @param {(promise: Promise) => void} events.before
 * @param {(promise: Promise) => void} events.after
 * @param {() => boolean} events.leave called when Node.js takes over; returns whether `after` is still needed for a running
 *   reaction, until `stop` is called. Node.js reports that reaction's end, too
 * @param {() => boolean} events.isReacting whether a reaction is running
 * @param {() => void} events.cutShort called when a reaction was aborted and gets no `after`
 * @param {() => void} events.exception called before an uncaught exception is handled
 * @returns {OwnPromiseHooks | undefined} undefined if Node.js delivers promise events from the beginning
 */
function enable(hook, events) {
  const own = new OwnPromiseHooks(events);
  if (own.prepare()) return own.enable(hook) ? own : undefined;
  hook.enable();
  return undefined;
}

module.exports = { enable, idOf, identify };
