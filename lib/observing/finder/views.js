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

const UNNAMED = 'no context';

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

/** The worse of two relations. */
const ORDER = ['same', 'nested', 'none', 'foreign'];
const worse = (one, other) => (ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other);

const encloses = (outer, inner) => {
  for (let at = inner; at !== undefined; at = at.enclosing) if (at.context === outer.context) return true;
  return false;
};

function relationOfFrames(mine, now) {
  if (mine.context === now?.context) return 'same';
  if (now === undefined) return 'none';
  return encloses(mine, now) || encloses(now, mine) ? 'nested' : 'foreign';
}

/** Shows a value that identifies a request. */
const show = (value) => (typeof value === 'object' || typeof value === 'function' ? '?' : String(value).slice(0, 60));

/** How methods of a namespace use the active context: these read nothing of it. */
const NO_READS = ['constructor', 'name', 'createContext', 'run', 'wrap', 'bind', 'expose', 'fromException'];

const namespaces = {
  current: engine.current,

  relation(owner, now) {
    let result = 'same';
    for (let at = owner; at !== undefined; at = at.next)
      result = worse(result, relationOfFrames(at.frame, frameOf(now, at.slot)));
    return result;
  },

  label(snapshot) {
    for (let at = snapshot; at !== undefined; at = at.next) {
      const { namespace } = at.slot;
      if (namespace !== undefined) return `${namespace.name}#${show(at.frame.context.get('id') ?? '?')}`;
    }
    return snapshot === undefined ? UNNAMED : 'a context';
  },

  isEntrance: () => false,

  watch(noteRead) {
    for (const name of Object.getOwnPropertyNames(Namespace.prototype)) {
      if (!NO_READS.includes(name)) precede(Namespace.prototype, name, (self, args, below) => noteRead(below));
    }
    precede(AsyncLocalStorage.prototype, 'getStore', (self, args, below) => self !== engine.storage && noteRead(below));
  },

  repairs: { bind: 'bind', snapshot: 'snapshot()', add: 'namespace.active.add(emitter)' },
};

const { getStore } = AsyncLocalStorage.prototype;

/** What all storages hold at a moment. */
class Stores {
  constructor(values) {
    this.values = values;
  }
}

function createStoresView() {
  const storages = [];
  const known = new WeakSet();
  const parents = new WeakMap();
  const numbers = new WeakMap();
  const made = new WeakMap();
  let last = new Stores([]);
  let count = 0;

  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const storeOf = (storage) => apply(getStore, storage, []);

  /** The same object for the same stores, if one of them is an object. */
  function storesOf(values) {
    const key = values.find(isObject);
    if (key === undefined) return new Stores(values);
    const list = made.get(key) ?? [];
    let found = list.find(
      (each) => each.values.length === values.length && each.values.every((value, index) => value === values[index]),
    );
    if (found === undefined) list.push((found = new Stores(values)));
    made.set(key, list);
    return found;
  }

  function current() {
    let isEmpty = true;
    let isLast = last.values.length === storages.length;
    for (let index = 0; index < storages.length; index++) {
      const store = storeOf(storages[index]);
      if (store !== undefined) isEmpty = false;
      if (store !== last.values[index]) isLast = false;
    }
    if (isEmpty) return undefined;
    if (!isLast) last = storesOf(storages.map(storeOf));
    return last;
  }

  function isWithin(inner, outer) {
    for (let at = inner, steps = 0; isObject(at) && steps < 100; at = parents.get(at), steps++) if (at === outer) return true;
    return false;
  }

  function relationOfStores(mine, now) {
    if (mine === undefined || mine === now) return 'same';
    if (now === undefined) return 'none';
    return isWithin(mine, now) || isWithin(now, mine) ? 'nested' : 'foreign';
  }

  function noteStorage(storage) {
    if (storage === engine.storage || known.has(storage)) return;
    known.add(storage);
    storages.push(storage);
  }

  /** A store that is run in another one nests in that; one of `enterWith` replaces it. */
  function noteRun(storage, [store]) {
    noteStorage(storage);
    const outer = storeOf(storage);
    if (isObject(store) && outer !== undefined && !parents.has(store)) parents.set(store, outer);
  }

  function label(snapshot) {
    const store = snapshot?.values.find((value) => value !== undefined);
    if (!isObject(store)) return store === undefined ? 'no store' : `store#${show(store)}`;
    const id =
      store.id ??
      store.requestId ??
      store.reqId ??
      (store instanceof Map ? (store.get('id') ?? store.get('requestId')) : undefined);
    if (id !== undefined && !isObject(id)) return `store#${show(id)}`;
    if (!numbers.has(store)) numbers.set(store, ++count);
    return `store ${numbers.get(store)}`;
  }

  return {
    current,

    relation(owner, now) {
      let result = 'same';
      owner?.values.forEach((value, index) => (result = worse(result, relationOfStores(value, now?.values[index]))));
      return result;
    },

    label(snapshot) {
      try {
        return label(snapshot);
      } catch {
        return 'a store';
      }
    },

    isEntrance: (file, name) => /async_local_storage|async_hooks/.test(file) && /\b(run|exit|withScope)$/.test(name),

    watch(noteRead) {
      precede(AsyncLocalStorage.prototype, 'run', noteRun);
      precede(AsyncLocalStorage.prototype, 'enterWith', noteStorage);
      precede(AsyncLocalStorage.prototype, 'getStore', (self, args, below) => self !== engine.storage && noteRead(below));
    },

    repairs: { bind: 'AsyncLocalStorage.bind', snapshot: 'AsyncLocalStorage.snapshot()', add: undefined },
  };
}

module.exports = { createStoresView, namespaces };
