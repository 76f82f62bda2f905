'use strict';

/**
 * The halves of `Beside`, each to be used in a thread of its own: what the oracle carries, and what the namespaces do when no
 * AsyncLocalStorage has hooks switched on. Instead of comparing, each notes what there is after a step.
 */

const { AsyncLocalStorage } = require('node:async_hooks');
const { EventEmitter } = require('node:events');

const { createNamespace } = require('context');

const core = require('../../../lib/frames/binding');
const engine = require('../../../lib/engine');
const { slotOf } = require('../../../lib/api/namespace');
const { calledIn, scoped } = require('./beside');
const model = require('./model');
const { CONTEXTS, NAMESPACES } = require('./sizes');

const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));

/** Notes, in the order in which they are made: what a step is called, and what there is. */
class Notes {
  all = [];
  #ends = times(NAMESPACES, () => times(CONTEXTS, () => 0));

  note(step, what) {
    this.all.push([step, what]);
  }

  /** What is active in a namespace: the index of the context (-1 for the default one), how many are entered, whose values are seen. */
  static state(active, depth, seen) {
    return `${active} ${depth} ${seen}`;
  }

  /** What is emitted is noted as well, as a promise may be settled earlier or later in one thread than in the other. */
  ended({ namespace, context }) {
    this.#ends[namespace][context]++;
    this.note(`the end of ${namespace} ${context}`);
  }

  compareEnds() {
    this.note('the ends', JSON.stringify(this.#ends));
  }
}

/** Calls a function that calls back, but not in itself: see `contained` in beside.js. */
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

  enter(place) {
    const { storage, context, defaultContext } = this.#at(place);
    storage.enterWith(model.entered(storage.getStore(), context, defaultContext));
  }

  exit(place) {
    const { storage, context } = this.#at(place);
    const exited = model.exited(storage.getStore(), context);
    if (exited === null) this.note('exit', 'not entered');
    else storage.enterWith(exited);
  }

  run(place, callback) {
    return this.#call(place, this.#at(place).storage.getStore(), callback);
  }

  bind(place, callback) {
    const site = this.#at(place).storage.getStore();
    return () => this.#call(place, site, callback);
  }

  #call(place, site, callback) {
    const { storage, context, defaultContext } = this.#at(place);
    const { inside, ends } = model.called(storage.getStore(), site, context, defaultContext);
    return scoped(storage, inside, () => calledIn(ends, callback, () => this.ended(place)));
  }

  add(places, callback) {
    const emitter = new EventEmitter();
    const added = new Map();
    for (const place of places) {
      const { storage, context, defaultContext } = this.#at(place);
      const inside = model.entered(storage.getStore(), context, defaultContext);
      if (added.get(storage)?.context !== context) added.set(storage, { context, inside });
    }
    emitter.on('event', callback);
    const emit = ([first, ...others]) => {
      if (first === undefined) emitter.emit('event');
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

  compare(step) {
    const states = storages.map((storage, namespace) => {
      const frames = storage.getStore();
      const contexts = this.#contexts[namespace];
      const defaultContext = contexts[CONTEXTS];
      const active = model.activeOf(frames, defaultContext);
      const visible = model.visible(frames, defaultContext);
      const seen = times(CONTEXTS, (index) => visible.has(contexts[index]));
      return Notes.state(active === defaultContext ? -1 : contexts.indexOf(active), model.depthOf(frames), seen);
    });
    this.note(step, states.join(', '));
  }
}

const namespaces = times(NAMESPACES, (index) => createNamespace(`apart ${index}`));
const defaults = namespaces.map(({ active }) => active);

/** The namespaces, with nobody beside, or with others that come and go. */
class NamespacesAlone extends Notes {
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
      const contexts = times(CONTEXTS, () => namespace.createContext());
      contexts.forEach((context, index) => {
        context.set(`value ${index}`, index);
        context.on('end', () => this.ended({ namespace: at, context: index }));
      });
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
    } catch (error) {
      if (error.code !== 'ERR_CONTEXT_NOT_ENTERED') throw error;
      this.note('exit', 'not entered');
    }
  }

  run(place, callback) {
    return this.#at(place).run(callback);
  }

  bind(place, callback) {
    const bound = this.#at(place).bind((inside) => inside());
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

  compare(step) {
    this.#others?.act();
    const inCore = core.describe(engine.activeRecord());
    const states = namespaces.map((namespace, at) => {
      const frame = inCore.find(({ slot }) => slot === slotOf(namespace).number);
      const seen = times(CONTEXTS, (index) => namespace.get(`value ${index}`) === index);
      const { active } = namespace;
      return Notes.state(active === defaults[at] ? -1 : this.#contexts[at].indexOf(active), frame?.depth ?? 0, seen);
    });
    this.note(step, states.join(', '));
  }

  compareEnds() {
    this.#others?.stop();
    super.compareEnds();
  }
}

module.exports = { NamespacesAlone, OracleAlone };
