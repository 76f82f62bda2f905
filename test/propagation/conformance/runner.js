'use strict';

const { isPromise } = require('node:util/types');

const { createNamespace } = require('context');

const { serialOf } = require('../../../lib/api/context');
const tracker = require('../../../lib/engine/tracker');
const engine = require('../../../lib/engine');
const core = require('../../../lib/frames/binding');
const { activeInCore } = require('../../support/core-view');

/** Whether the core is to know at each moment what runs, and what the tracker's listener was called with last. */
let isObserved = false;
let lastSnapshot;

/** From here on somebody observes. */
function observe() {
  isObserved = true;
  tracker.observe((snapshot) => (lastSnapshot = snapshot));
}

/** How many units of work go on at a time. */
const UNITS = 3;

/** How long a case may take, in milliseconds: most take a few. */
const TIMEOUT = 20_000;

const namespaces = ['run', 'enter', 'bind'].map((name) => createNamespace(`conformance ${name}`));

/** The unit of work that a context belongs to. */
const owners = new WeakMap();

function contextsOf(owner) {
  return namespaces.map((namespace) => {
    const context = namespace.createContext();
    context.set('owner', owner);
    owners.set(context, owner);
    return context;
  });
}

/**
 * What is active in a namespace: the unit whose context it is (null for the default context), the unit by the value
 * that `get` finds and by that of the enclosing context, and whether the core agrees.
 */
function view(namespace) {
  const { active } = namespace;
  return {
    active: owners.get(active) ?? null,
    value: namespace.get('owner') ?? null,
    enclosing: namespace.get('enclosing') ?? null,
    inCore: isObserved ? isKnown(namespace) : activeInCore(namespace) === serialOf(active),
  };
}

/** Whether the core and the tracker's listener know what is active without being asked to look. */
function isKnown(namespace) {
  return activeInCore(namespace, core.activeRecord()) === serialOf(namespace.active) && lastSnapshot === engine.current();
}

/** Of each unit of work: its contexts, entered one in another, each in another way. */
class Unit {
  #owner;
  #contexts;
  #enclosing;
  #oracle;
  #observed;

  constructor(owner, oracle, observed) {
    this.#owner = owner;
    this.#contexts = contextsOf(owner);
    this.#enclosing = contextsOf(owner);
    for (const context of this.#enclosing) context.set('enclosing', owner);
    this.#oracle = oracle;
    this.#observed = observed;
  }

  /** Calls a function in contexts of all namespaces, and with a store in the oracle. */
  within = (callback) => {
    const nest = ([context, ...others], next) => (context === undefined ? next() : context.run(nest, others, next));
    const enter = () => nest(this.#enclosing, () => this.#enter(callback));
    return this.#oracle === undefined ? enter() : this.#oracle.run({ owner: this.#owner }, enter);
  };

  #enter(callback) {
    const [byRun, byEnter, byBind] = this.#contexts;
    const bound = byBind.bind(callback);
    return byRun.run(() => {
      byEnter.enter();
      try {
        return bound();
      } finally {
        byEnter.exit();
      }
    });
  }

  /** Notes what is active in a callback. */
  step = (label) => {
    const store = this.#oracle?.getStore()?.owner ?? null;
    const observed = { label, owner: this.#owner, store, namespaces: namespaces.map(view) };
    this.#observed.set(JSON.stringify(observed), observed);
  };
}

/**
 * Rejects if a case takes too long. The timer keeps the process alive meanwhile: not all that a case waits for does.
 *
 * @returns {{ failed: Promise<never>, stop: () => void }}
 */
function limitTime(name) {
  let timer;
  const failed = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The case '${name}' takes longer than ${TIMEOUT} ms`)), TIMEOUT);
  });
  return { failed, stop: () => clearTimeout(timer) };
}

/**
 * Runs a case for several units of work at a time.
 *
 * @param {Case} testCase see `case.js`
 * @param {AsyncLocalStorage} [oracle] set beside the namespaces
 * @returns {Promise<object[]>} what was observed in the steps, each once
 */
async function runCase({ name, prepare, start, entersItself = false }, oracle) {
  const observed = new Map();
  const cleanups = [];
  const shared = await prepare?.((cleanup) => cleanups.push(cleanup));
  const units = Array.from({ length: UNITS }, (_, owner) => {
    const { step, within } = new Unit(owner, oracle, observed);
    const begin = () => {
      let done;
      const end = new Promise((resolve) => (done = resolve));
      const result = start(step, { shared, within, owner, done });
      return isPromise(result) ? result : end;
    };
    return new Promise((resolve, reject) => {
      setImmediate(async () => {
        try {
          resolve(await (entersItself ? begin() : within(begin)));
        } catch (error) {
          reject(error);
        }
      });
    });
  });
  const limit = limitTime(name);
  try {
    await Promise.race([Promise.all(units), limit.failed]);
  } finally {
    limit.stop();
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
  return [...observed.values()];
}

module.exports = { UNITS, observe, runCase };
