'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const { isPromise } = require('node:util/types');

const { createNamespace } = require('context');

const core = require('../../../lib/frames/binding');
const { serialOf } = require('../../../lib/api/context');
const engine = require('../../../lib/engine');
const { observe } = require('../../../lib/engine/tracker');
const { slotOf } = require('../../../lib/api/namespace');
const model = require('./model');
const { CONTEXTS, NAMESPACES } = require('./sizes');

/** The namespaces, and beside each the oracle: an AsyncLocalStorage that carries what the model says is entered. */
const pairs = Array.from({ length: NAMESPACES }, (_, index) => {
  const namespace = createNamespace(`random ${index}`);
  const storage = new AsyncLocalStorage();
  return { namespace, defaultContext: namespace.active, storage };
});

/** Switches hooks on, if there are any: a promise that was made before would take what is active when it is settled. */
function switchOn() {
  for (const { namespace, storage } of pairs) storage.run('none', () => namespace.run(() => {}));
}

/** Whether the tracker tells the core what is active, so that the core has to know without being asked to look. */
let isTold = false;

/** Has the tracker tell the core, until the function that is returned is called. */
function tellCore() {
  isTold = true;
  const stop = observe();
  return () => {
    isTold = false;
    stop();
  };
}

/**
 * Contexts of each namespace. What is done to a context is done to the oracle too. A place is `{ namespace, context }`,
 * both by index; the context past the last one is the default context.
 */
class Beside {
  #families = pairs.map((pair) => {
    const contexts = Array.from({ length: CONTEXTS }, () => pair.namespace.createContext());
    contexts.forEach((context, index) => context.set(`value ${index}`, index));
    return { ...pair, contexts };
  });

  #expectedEnds = new Map();
  #ends = new Map();

  constructor() {
    for (const { contexts } of this.#families) {
      for (const context of contexts) context.on('end', () => count(this.#ends, context));
    }
  }

  #at({ namespace, context }) {
    const family = this.#families[namespace];
    return { ...family, context: family.contexts[context] ?? family.defaultContext };
  }

  enter(place) {
    const { storage, defaultContext, context } = this.#at(place);
    context.enter();
    storage.enterWith(model.entered(storage.getStore(), context, defaultContext));
  }

  exit(place) {
    const { storage, context } = this.#at(place);
    const exited = model.exited(storage.getStore(), context);
    if (exited === null) {
      assert.throws(() => context.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
    } else {
      context.exit();
      storage.enterWith(exited);
    }
  }

  run(place, callback) {
    const at = this.#at(place);
    return this.#call(at, at.storage.getStore(), (inside) => at.context.run(inside), callback);
  }

  /** Returns a function that calls the callback bound. */
  bind(place, callback) {
    const at = this.#at(place);
    const site = at.storage.getStore();
    const bound = at.context.bind((inside) => inside());
    return () => this.#call(at, site, bound, callback);
  }

  #call({ storage, context, defaultContext }, site, enter, callback) {
    const before = storage.getStore();
    const { inside, ends } = model.called(before, site, context, defaultContext);
    if (ends) count(this.#expectedEnds, context);
    return scoped(storage, inside, () => enter(() => calledIn(ends, callback)));
  }

  /** Returns a function that emits an event on an emitter that was added to contexts; the callback is its listener. */
  add(places, callback) {
    const emitter = new EventEmitter();
    const added = new Map();
    for (const place of places) {
      const { storage, context, defaultContext } = this.#at(place);
      context.add(emitter);
      const inside = model.entered(storage.getStore(), context, defaultContext);
      if (added.get(storage)?.context !== context) added.set(storage, { context, inside });
    }
    emitter.on('event', (call) => call());
    return () => this.#emit([...added], emitter, callback);
  }

  #emit(added, emitter, callback) {
    if (added.length === 0) {
      emitter.emit('event', callback);
      return;
    }
    const [[storage, { inside }], ...others] = added;
    scoped(storage, inside, () => this.#emit(others, emitter, callback));
  }

  /**
   * A callback of an async resource that may call back more than once. Without AsyncContextFrame, what it enters in the
   * oracle stays with the resource, and would be there again in the next call: it is taken off, and the callback is not
   * called in itself.
   */
  contained(callback) {
    let running = false;
    return () => {
      if (running) return;
      running = true;
      const stores = this.#families.map(({ storage }) => storage.getStore());
      try {
        callback();
      } finally {
        this.#families.forEach(({ storage }, index) => storage.enterWith(stores[index]));
        running = false;
      }
    };
  }

  /**
   * Compares each namespace, and what the core holds to be active, with the oracle.
   *
   * @param {string} step after which this is, for the message
   * @throws {assert.AssertionError} if they differ
   */
  compare(step) {
    const inCore = core.describe(isTold ? core.activeRecord() : engine.activeRecord());
    for (const { namespace, storage, contexts, defaultContext } of this.#families) {
      const frames = storage.getStore();
      const { name, active } = namespace;
      const expected = model.activeOf(frames, defaultContext);
      if (active !== expected) {
        const names = [active, expected].map((context) => contexts.indexOf(context));
        assert.fail(`after '${step}' context ${names[0]} of ${name} is active, context ${names[1]} is expected`);
      }
      const frame = inCore.find(({ slot }) => slot === slotOf(namespace).number);
      const { serial, depth } = frame ?? { serial: 0, depth: 0 };
      assert.strictEqual(serial, serialOf(expected), `after '${step}' the core has another context of ${name}`);
      assert.strictEqual(depth, model.depthOf(frames), `after '${step}' the core has another nesting of ${name}`);
      const visible = model.visible(frames, defaultContext);
      for (let index = 0; index < CONTEXTS; index++) {
        const value = visible.has(contexts[index]) ? index : undefined;
        assert.strictEqual(namespace.get(`value ${index}`), value, `after '${step}' ${name} has another value`);
      }
    }
  }

  /**
   * Asserts that no namespace has another context active than its default one.
   *
   * @param {string} step for the message
   */
  compareOutside(step) {
    for (const { namespace, contexts, defaultContext } of this.#families) {
      const { name, active } = namespace;
      if (active !== defaultContext) assert.fail(`in '${step}' context ${contexts.indexOf(active)} of ${name} is active`);
    }
    assert.deepStrictEqual(core.describe(engine.activeRecord()), [], `in '${step}' the core has frames`);
  }

  /** Compares how often each context has emitted `end` with how often it should, when all is over. */
  compareEnds() {
    for (const { namespace, contexts } of this.#families) {
      for (const [index, context] of contexts.entries()) {
        const message = `the ends of context ${index} of namespace ${namespace.name}`;
        assert.strictEqual(this.#ends.get(context), this.#expectedEnds.get(context), message);
      }
    }
  }
}

/** Calls a function with a store. Unlike `storage.run`, it is a scope also if the store is the active one already. */
function scoped(storage, store, callback) {
  const before = storage.getStore();
  try {
    return storage.run(store, callback);
  } finally {
    storage.enterWith(before);
  }
}

/** Calls the function of a call: if `ends` follow it, they are closed when it is over, for which a promise is awaited; then `ended` is called. */
function calledIn(ends, callback, ended = undefined) {
  if (!ends) return callback();
  const close = () => {
    ends.open = false;
    ended?.();
  };
  let result;
  try {
    result = callback();
  } finally {
    if (isPromise(result)) result.then(close, close);
    else close();
  }
  return result;
}

function count(counts, context) {
  counts.set(context, (counts.get(context) ?? 0) + 1);
}

module.exports = { Beside, calledIn, scoped, switchOn, tellCore };
