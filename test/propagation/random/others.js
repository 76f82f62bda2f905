'use strict';

const { AsyncLocalStorage, createHook } = require('node:async_hooks');
const inspector = require('node:inspector');
const { promiseHooks } = require('node:v8');
const vm = require('node:vm');

const nothing = () => {};

/** A hook with these callbacks. */
const hookOf = (...names) => createHook(Object.fromEntries(names.map((name) => [name, nothing])));

const storageOf = () => {
  const storage = new AsyncLocalStorage();
  return {
    enable() {
      try {
        storage.enterWith({});
      } catch {
        // The resource is sealed, and can have no store. The storage has its hook enabled all the same.
      }
    },
    disable: () => storage.disable(),
  };
};

/** What is started, and is stopped by the function that this returns, unless it has been. */
function startedBy(start) {
  let stop;
  return {
    enable: () => (stop ??= start()),
    disable() {
      stop?.();
      stop = undefined;
    },
  };
}

/** Hooks of V8's, for as long as they are enabled. */
const v8HooksOf = (...names) =>
  startedBy(() => promiseHooks.createHook(Object.fromEntries(names.map((name) => [name, nothing]))));

/** A debugger that follows asynchronous calls, for which V8 has promise hooks of its own. */
const debuggerOf = () =>
  startedBy(() => {
    const session = new inspector.Session();
    session.connect();
    session.post('Debugger.enable');
    session.post('Debugger.setAsyncCallStackDepth', { maxDepth: 4 });
    return () => session.disconnect();
  });

/** Scripts with microtasks of their own, and those that a timeout cuts short. */
const scripts = {
  enable() {
    const options = { microtaskMode: 'afterEvaluate' };
    vm.runInNewContext('Promise.resolve().then(callback).then(callback)', { callback: nothing }, options);
  },
  disable() {
    try {
      vm.runInThisContext('for (;;);', { timeout: 1 });
    } catch {
      // It was cut short.
    }
  },
};

/** A domain, which Node.js has a hook for from the first one on. */
const domains = {
  enable: () => require('node:domain').create().run(nothing),
  disable: nothing,
};

/** Switches what others observe with on and off, by a sequence of numbers that looks random. */
class Others {
  #state;
  #all = [
    storageOf(),
    storageOf(),
    hookOf('init'),
    hookOf('before'),
    hookOf('after'),
    hookOf('before', 'after'),
    hookOf('destroy'),
    hookOf('promiseResolve'),
    hookOf(),
    hookOf('init', 'before', 'after', 'destroy'),
    v8HooksOf('init', 'settled'),
    v8HooksOf('before', 'after'),
    debuggerOf(),
    scripts,
    domains,
  ];

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  #below(limit) {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  #switchOne() {
    const other = this.#all[this.#below(this.#all.length)];
    if (this.#below(3) > 0) other.enable();
    else other.disable();
  }

  /** Switches something, in one of several times. */
  act() {
    if (this.#below(8) === 0) this.#switchOne();
  }

  /** Switches some before the first entry, or none. The last one may do so in the reaction of that entry. */
  async actBefore() {
    for (let left = this.#below(4); left > 0; left--) {
      this.#switchOne();
      if (this.#below(2) > 0) await null;
    }
  }

  stop() {
    for (const other of this.#all) {
      if (other !== scripts) other.disable();
    }
  }
}

module.exports = { Others };
