'use strict';

/**
 * The halves of `Beside`, each of which can also be used in a thread of its own: what the oracle carries, and what the namespaces do.
 * Each notes what there is after a step. A place is `{ namespace, context }`, both by index; the context past the last one is the
 * default context.
 */

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const { isPromise } = require('node:util/types');

const { createNamespace } = require('context');

const core = require('../../../lib/frames/binding');
const { serialOf } = require('../../../lib/api/context');
const engine = require('../../../lib/engine');
const { slotOf } = require('../../../lib/api/namespace');
const model = require('./model');
const { CONTEXTS, NAMESPACES } = require('./sizes');

const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));

/** Notes, in the order in which they are made: what a step is called, and what there is. */
class Notes {
  all = [];

  /** How often the end of each context has come. */
  ends = times(NAMESPACES, () => times(CONTEXTS, () => 0));

  note(step, what) {
    this.all.push([step, what]);
  }

  /** What is emitted is noted as well, as a promise may be settled earlier or later in one thread than in the other. */
  ended({ namespace, context }) {
    this.ends[namespace][context]++;
    this.note(`the end of ${namespace} ${context}`);
  }

  compare(step) {
    this.note(step, this.state());
  }

  compareEnds() {
    this.note('the ends', JSON.stringify(this.ends));
  }
}

/** What is active in a namespace: the index of the context (-1 for the default one), how many are entered, whose values are seen. */
const stateOf = (active, depth, seen) => `context ${active} at depth ${depth}, values: ${seen}`;

/**
 * Calls a function that calls back, but not in itself: a callback of an async resource that may call back more than once. Without
 * AsyncContextFrame, what it enters in the oracle stays with the resource, and would be there again in the next call.
 */
function notInItself(call) {
  let running = false;
  return () => {
    if (running) return;
    running = true;
    try {
      call();
    } finally {
      running = false;
    }
  };
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

/** Calls the function of a call; if `ends` follow it, they are closed when it is over, for which a promise is awaited. */
function calledIn(ends, callback, ended) {
  if (!ends) return callback();
  const close = () => {
    ends.open = false;
    ended();
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

/** The number that stands for a record that the core does not know. */
const UNKNOWN = -1;

const storages = times(NAMESPACES, () => new AsyncLocalStorage());

/** What the model says is entered, carried by an AsyncLocalStorage for each namespace. */
class OracleAlone extends Notes {
  #contexts = times(NAMESPACES, () => times(CONTEXTS + 1, () => ({})));

  static switchOn() {
    for (const storage of storages) storage.run('none', () => {});
  }

  #at({ namespace, context }) {
    const contexts = this.#contexts[namespace];
    return { storage: storages[namespace], context: contexts[context], defaultContext: contexts[CONTEXTS] };
  }

  #entered(place) {
    const { storage, context, defaultContext } = this.#at(place);
    return model.entered(storage.getStore(), context, defaultContext);
  }

  enter(place) {
    this.#at(place).storage.enterWith(this.#entered(place));
  }

  exit(place) {
    const { storage, context } = this.#at(place);
    const exited = model.exited(storage.getStore(), context);
    if (exited === null) this.note('exit', 'not entered');
    else storage.enterWith(exited);
    return exited !== null;
  }

  /** `enter` calls a function in what is beside. */
  run(place, callback, enter) {
    return this.#call(place, this.#at(place).storage.getStore(), callback, enter);
  }

  /** Returns a function that calls the callback bound. */
  bind(place, callback, enter) {
    const site = this.#at(place).storage.getStore();
    return () => this.#call(place, site, callback, enter);
  }

  #call(place, site, callback, enter = (inside) => inside()) {
    const { storage, context, defaultContext } = this.#at(place);
    const { inside, ends } = model.called(storage.getStore(), site, context, defaultContext);
    return scoped(storage, inside, () => enter(() => calledIn(ends, callback, () => this.ended(place))));
  }

  /** Returns a function that calls the callback as a listener of an emitter which was added to contexts. */
  add(places, callback) {
    const added = new Map();
    for (const place of places) {
      const { storage, context } = this.#at(place);
      if (added.get(storage)?.context !== context) added.set(storage, { context, inside: this.#entered(place) });
    }
    const emit = ([first, ...others]) => {
      if (first === undefined) callback();
      else scoped(first[0], first[1].inside, () => emit(others));
    };
    return () => emit([...added]);
  }

  contained(callback) {
    return notInItself(() => {
      const stores = storages.map((storage) => storage.getStore());
      try {
        callback();
      } finally {
        storages.forEach((storage, index) => storage.enterWith(stores[index]));
      }
    });
  }

  state() {
    const states = storages.map((storage, namespace) => {
      const frames = storage.getStore();
      const contexts = this.#contexts[namespace];
      const defaultContext = contexts[CONTEXTS];
      const active = model.activeOf(frames, defaultContext);
      const visible = model.visible(frames, defaultContext);
      const seen = times(CONTEXTS, (index) => visible.has(contexts[index]));
      return stateOf(active === defaultContext ? -1 : contexts.indexOf(active), model.depthOf(frames), seen);
    });
    return states.join('; ');
  }
}

const namespaces = times(NAMESPACES, (index) => createNamespace(`random ${index}`));
const defaults = namespaces.map(({ active }) => active);

/** The namespaces, with nobody beside, or with others that come and go. */
class NamespacesAlone extends Notes {
  /** Whether the core has to know what is active without being asked to look. */
  static isObserved = false;

  #contexts;
  #others;

  static switchOn() {
    for (const namespace of namespaces) namespace.run(() => {});
  }

  /** @param {Others} [others] who come and go */
  constructor(others) {
    super();
    this.#others = others;
    this.#contexts = namespaces.map((namespace, at) => {
      const contexts = times(CONTEXTS, (index) => namespace.createContext({ [`value ${index}`]: index }));
      contexts.forEach((context, index) => context.on('end', () => this.ended({ namespace: at, context: index })));
      return [...contexts, defaults[at]];
    });
  }

  #at({ namespace, context }) {
    return this.#contexts[namespace][context];
  }

  enter(place) {
    this.#at(place).enter();
  }

  exit(place) {
    try {
      this.#at(place).exit();
      return true;
    } catch (error) {
      if (error.code !== 'ERR_CONTEXT_NOT_ENTERED') throw error;
      this.note('exit', 'not entered');
      return false;
    }
  }

  run(place, callback) {
    return this.#at(place).run(callback);
  }

  /** Returns a function that calls its argument bound. */
  binding(place) {
    return this.#at(place).bind((inside) => inside());
  }

  bind(place, callback) {
    const bound = this.binding(place);
    return () => bound(callback);
  }

  add(places, callback) {
    const emitter = new EventEmitter();
    for (const place of places) this.#at(place).add(emitter);
    emitter.on('event', callback);
    return () => emitter.emit('event');
  }

  contained(callback) {
    return notInItself(callback);
  }

  state() {
    this.#others?.act();
    const known = NamespacesAlone.isObserved ? core.activeRecord() : UNKNOWN;
    // Outside of the callbacks that Node.js announces, the core may not know by itself.
    const inCore = core.describe(known === UNKNOWN ? engine.activeRecord() : known);
    const states = namespaces.map((namespace, at) => {
      const { name, active } = namespace;
      const { serial, depth } = inCore.find(({ slot }) => slot === slotOf(namespace).number) ?? { serial: 0, depth: 0 };
      assert.strictEqual(serial, serialOf(active), `the core has another context of ${name}`);
      const seen = times(CONTEXTS, (index) => namespace.get(`value ${index}`) === index);
      return stateOf(active === defaults[at] ? -1 : this.#contexts[at].indexOf(active), depth, seen);
    });
    return states.join('; ');
  }

  /** Asserts that no namespace has another context active than its default one. */
  compareOutside(step) {
    const active = namespaces.filter((namespace, at) => namespace.active !== defaults[at]);
    assert.deepStrictEqual(active, [], `in '${step}' contexts are active`);
    assert.deepStrictEqual(core.describe(engine.activeRecord()), [], `in '${step}' the core has frames`);
  }

  compareEnds() {
    this.#others?.stop();
    super.compareEnds();
  }
}

module.exports = { NamespacesAlone, OracleAlone };
