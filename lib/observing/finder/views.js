'use strict';

/**
 * What the finder compares: the contexts of this package's namespaces, or the stores of every AsyncLocalStorage. A view has
 *
 *   current()               an object for what is active; undefined for nothing. The same object means the same
 *   relation(owner, now)    'same', 'nested' (one is entered in the other), 'none' or 'foreign'
 *   label(snapshot)         what a reader knows it by
 *   isEntrance(file, name)  whether a function of Node.js enters a context on purpose
 *   watch(noteRead)         calls a function when the program reads the active contexts
 *   repairs                 what keeps a context
 */

const { AsyncLocalStorage } = require('node:async_hooks');

const { Namespace, engine, frameOf } = require('../../foundation');
const { copyNameAndLength } = require('../../util/functions');

const { apply } = Reflect;

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Replaces a method or a getter by one that calls `before` first, and then the original. */
function precede(object, name, before) {
  const descriptor = Object.getOwnPropertyDescriptor(object, name);
  for (const kind of ['get', 'value']) {
    const original = descriptor[kind];
    if (typeof original !== 'function') continue;
    const replaced = function (...args) {
      before(this, args, replaced);
      return apply(original, this, args);
    };
    descriptor[kind] = copyNameAndLength(replaced, original);
  }
  Object.defineProperty(object, name, descriptor);
}

/** From the best to the worst. */
const RELATIONS = ['same', 'nested', 'none', 'foreign'];

/** What is active, and what encloses it, as far as that is of interest. */
function chainOf(first, outerOf) {
  const chain = [];
  for (let at = first; at !== undefined && chain.length < 1000; at = outerOf(at)) chain.push(at);
  return chain;
}

/** The worst relation of what was active to what is. `pairs` has both, each as a chain, for each namespace or storage. */
function relationOf(pairs) {
  const ranks = pairs.map(([mine, now]) => {
    if (mine.length === 0 || mine[0] === now[0]) return 0;
    if (now.length === 0) return 2;
    return mine.includes(now[0]) || now.includes(mine[0]) ? 1 : 3;
  });
  return RELATIONS[Math.max(0, ...ranks)];
}

/** Shows a value that identifies a request. */
const show = (value) => (isObject(value) ? '?' : String(value).slice(0, 60));

/** How methods of a namespace use the active context: these read nothing of it. */
const NO_READS = ['constructor', 'name', 'createContext', 'run', 'wrap', 'bind', 'expose', 'fromException'];

/** Calls a function when any AsyncLocalStorage is read, except for that of this package. */
const watchStores = (noteRead) =>
  precede(AsyncLocalStorage.prototype, 'getStore', (self, args, below) => self !== engine.storage && noteRead(below));

const namespaces = {
  current: engine.current,

  relation(owner, now) {
    const contextsOf = (frame) => chainOf(frame, ({ enclosing }) => enclosing).map(({ context }) => context);
    const slots = chainOf(owner, ({ next }) => next);
    return relationOf(slots.map(({ frame, slot }) => [frame, frameOf(now, slot)].map(contextsOf)));
  },

  label(snapshot) {
    const { slot, frame } = chainOf(snapshot, ({ next }) => next).find((each) => each.slot.namespace !== undefined) ?? {};
    if (slot === undefined) return snapshot === undefined ? 'no context' : 'a context';
    return `${slot.namespace.name}#${show(frame.context.get('id') ?? '?')}`;
  },

  isEntrance: () => false,

  watch(noteRead) {
    for (const name of Object.getOwnPropertyNames(Namespace.prototype)) {
      if (!NO_READS.includes(name)) precede(Namespace.prototype, name, (self, args, below) => noteRead(below));
    }
    watchStores(noteRead);
  },

  repairs: { bind: 'bind', snapshot: 'snapshot()', add: 'namespace.active.add(emitter)' },
};

const { getStore } = AsyncLocalStorage.prototype;

const storeOf = (storage) => apply(getStore, storage, []);

/** The keys of a store by which a reader knows it. */
const IDS = ['id', 'requestId', 'reqId'];

/** Each snapshot has `values`, what all storages held at a moment. */
function createStoresView() {
  const storages = [];
  const outerOf = new WeakMap();
  const numbers = new WeakMap();
  const made = new WeakMap();
  let last = { values: [] };
  let count = 0;

  /** The same object for the same stores, if one of them is an object. */
  function snapshotOf(values) {
    const isSame = (each) => each.values.length === values.length && values.every((value, at) => value === each.values[at]);
    const key = values.find(isObject) ?? values;
    if (!made.has(key)) made.set(key, []);
    const list = made.get(key);
    if (!list.some(isSame)) list.push({ values });
    return list.find(isSame);
  }

  function noteStorage(storage) {
    if (storage !== engine.storage && !storages.includes(storage)) storages.push(storage);
  }

  /** A store that is run in another one nests in that; one of `enterWith` replaces it. */
  function noteRun(storage, [store]) {
    noteStorage(storage);
    const outer = storeOf(storage);
    if (isObject(store) && outer !== undefined && !outerOf.has(store)) outerOf.set(store, outer);
  }

  return {
    current() {
      let isEmpty = true;
      let isLast = last.values.length === storages.length;
      for (let index = 0; index < storages.length; index++) {
        const store = storeOf(storages[index]);
        if (store !== undefined) isEmpty = false;
        if (store !== last.values[index]) isLast = false;
      }
      if (!isEmpty && !isLast) last = snapshotOf(storages.map(storeOf));
      return isEmpty ? undefined : last;
    },

    relation(owner, now) {
      const storesOf = (store) => chainOf(store, (inner) => outerOf.get(inner));
      return relationOf((owner?.values ?? []).map((store, at) => [store, now?.values[at]].map(storesOf)));
    },

    label(snapshot) {
      const store = snapshot?.values.find((value) => value !== undefined);
      if (!isObject(store)) return store === undefined ? 'no store' : `store#${show(store)}`;
      try {
        const ids = IDS.map((key) => store[key] ?? (store instanceof Map ? store.get(key) : undefined));
        const id = ids.find((value) => value !== undefined && !isObject(value));
        if (id !== undefined) return `store#${show(id)}`;
      } catch {
        // A getter threw.
      }
      if (!numbers.has(store)) numbers.set(store, ++count);
      return `store ${numbers.get(store)}`;
    },

    isEntrance: (file, name) => /async_local_storage|async_hooks/.test(file) && /\b(run|exit|withScope)$/.test(name),

    watch(noteRead) {
      precede(AsyncLocalStorage.prototype, 'run', noteRun);
      precede(AsyncLocalStorage.prototype, 'enterWith', noteStorage);
      watchStores(noteRead);
    },

    repairs: { bind: 'AsyncLocalStorage.bind', snapshot: 'AsyncLocalStorage.snapshot()', add: undefined },
  };
}

module.exports = { createStoresView, namespaces };
