'use strict';

const { AsyncLocalStorage, createHook } = require('node:async_hooks');

/**
 * The compared subjects:
 *
 *   setUp(n)   sets up n namespaces (stores, managers), and returns the operations below
 *   counted    whether it has namespaces
 *   engine     for this package: its engine, if not the one that it chooses
 *   isBeside   whether it is this package with an AsyncLocalStorage in use
 *
 * The operations, without those that the subject lacks:
 *
 *   inside(fn)                  calls fn in a new context of each namespace, with a value set in each
 *   enter(fn), nested(fn)       calls fn in a new context of the first one; in nested contexts of all of them
 *   deep(fn)                    like inside, with nine more nested contexts of the first namespace
 *   get(), set()                reads the value, 1, from the first namespace; sets it again
 *   unit()                      a whole context of the first one: create it, run in it, set a value, get it, end
 *   bind(fn)                    binds fn to the active context of the first one
 *   listen(emitter, listener)   adds a listener that runs in the active context of the first one
 *   nativeBytes()               its memory outside the heap
 *
 * Each subject loads its own libraries, because loading one may enable a hook.
 */

const DEPTH = 10;

const nothing = () => {};
const untracked = () => ({ inside: (fn) => fn(), enter: (fn) => fn() });

/** Calls fn inside `enter` of each one. */
function nest(all, enter, fn) {
  let inner = fn;
  for (const one of all) {
    const next = inner;
    inner = () => enter(one, next);
  }
  return inner();
}

/**
 * Creates the operations of a subject with n namespaces. `start`, `inherit` and `enter` call a function in a new context of one: with
 * a value set, with inherited values, as cheaply as possible. `own` creates the remaining operations for the first namespace.
 */
function carrier(n, make, { start, inherit, enter = inherit }, own) {
  const all = Array.from({ length: n }, (_, index) => make(index));
  const [first] = all;
  const inside = (fn) => nest(all, start, fn);
  return {
    inside,
    enter: (fn) => enter(first, fn),
    deep: (fn) => inside(() => nest(Array(DEPTH - 1).fill(first), inherit, fn)),
    nested: (fn) => nest(all, enter, fn),
    ...own(first),
  };
}

function hooks(functions) {
  createHook(functions).enable();
  return untracked();
}

function loaded() {
  require('context').createNamespace('bench');
  return untracked();
}

function local(n) {
  const start = (store, next) => store.run(new Map([['user', 1]]), next);
  const inherit = (store, next) => store.run(new Map(store.getStore()), next);
  const enter = (store, next) => store.run(new Map(), next);
  const make = () => new AsyncLocalStorage();
  return carrier(n, make, { start, inherit, enter }, (first) => ({
    get: () => first.getStore().get('user'),
    set: () => first.getStore().set('user', 1),
    unit: () =>
      first.run(new Map(), () => {
        first.getStore().set('user', 1);
        return first.getStore().get('user');
      }),
    bind: (fn) => AsyncLocalStorage.bind(fn),
    listen: (emitter, listener) => emitter.on('event', AsyncLocalStorage.bind(listener)),
  }));
}

function clsHooked(n) {
  const { createNamespace } = require('cls-hooked');
  const inherit = (namespace, next) => namespace.runAndReturn(next);
  const start = (namespace, next) =>
    namespace.runAndReturn(() => {
      namespace.set('user', 1);
      return next();
    });
  const make = (index) => createNamespace(`bench-${index}`);
  return carrier(n, make, { start, inherit }, (first) => ({
    get: () => first.get('user'),
    set: () => first.set('user', 1),
    unit: () =>
      first.runAndReturn(() => {
        first.set('user', 1);
        return first.get('user');
      }),
    bind: (fn) => first.bind(fn),
    listen: (emitter, listener) => {
      first.bindEmitter(emitter);
      emitter.on('event', listener);
    },
  }));
}

function openTelemetry(n) {
  const { createContextKey } = require('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
  const [key, other] = ['user', 'other'].map((name) => createContextKey(name));
  const start = (manager, next) => manager.with(manager.active().setValue(key, 1), next);
  const inherit = (manager, next) => manager.with(manager.active().setValue(other, 1), next);
  const make = () => new AsyncLocalStorageContextManager().enable();
  return carrier(n, make, { start, inherit }, (first) => ({
    get: () => first.active().getValue(key),
    unit: () => first.with(first.active().setValue(key, 1), () => first.active().getValue(key)),
    bind: (fn) => first.bind(first.active(), fn),
    listen: (emitter, listener) => first.bind(first.active(), emitter).on('event', listener),
  }));
}

function context(engine, n) {
  process.env.CONTEXT_ENGINE = engine ?? '';
  const { createNamespace, stats } = require('context');
  const inherit = (namespace, next) => namespace.createContext().run(next);
  const start = (namespace, next) =>
    namespace.run(() => {
      namespace.set('user', 1);
      return next();
    });
  const make = (index) => createNamespace(`bench-${index}`);
  return carrier(n, make, { start, inherit }, (first) => ({
    enter: (fn) => first.run(fn),
    get: () => first.get('user'),
    set: () => first.set('user', 1),
    unit: () =>
      first.createContext().run(() => {
        first.set('user', 1);
        return first.get('user');
      }),
    bind: (fn) => first.bind(fn),
    listen: (emitter, listener) => first.active.add(emitter).on('event', listener),
    nativeBytes: () => stats().bytes,
  }));
}

/** This package with a foreign store that is used before the first context, or only after it. */
function besideStore(isFirst, n) {
  const store = new AsyncLocalStorage();
  const enter = (fn) => store.run(new Map(), fn);
  if (isFirst) enter(nothing);
  const own = context(undefined, n);
  own.inside(nothing);
  return { ...own, inside: (fn) => enter(() => own.inside(fn)) };
}

const contextWith = (engine) => ({ setUp: (n) => context(engine, n), counted: true, engine });

/** The subject of this package with an engine. */
const nameOf = (engine) => `context (${engine})`;

const subjects = {
  bare: { setUp: untracked, counted: false },
  loaded: { setUp: loaded, counted: false },
  'init hook': { setUp: () => hooks({ init: nothing }), counted: false },
  'empty hooks': { setUp: () => hooks({ init: nothing, before: nothing, after: nothing }), counted: false },
  AsyncLocalStorage: { setUp: local, counted: true },
  'cls-hooked': { setUp: clsHooked, counted: true },
  OpenTelemetry: { setUp: openTelemetry, counted: true },
  [nameOf('async-hooks')]: contextWith('async-hooks'),
  [nameOf('async-context-frame')]: contextWith('async-context-frame'),
  'context, after a store': { setUp: (n) => besideStore(true, n), counted: true, isBeside: true },
  'context, before a store': { setUp: (n) => besideStore(false, n), counted: true, isBeside: true },
};

module.exports = { nameOf, subjects };
