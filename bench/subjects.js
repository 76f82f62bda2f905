'use strict';

/**
 * What is compared. Each subject is a function that sets up n namespaces (stores, managers) and returns
 *
 *   inside(fn)   calls fn in a context of each of them
 *   get()        reads one value from the first of them
 *   unit()       a whole context of the first one: create it, run in it, set a value, get it, end
 *   nested(fn)   runs fn in a new context of each of them, nested
 *
 * or less, where the subject can't do it. Libraries are loaded by the subject itself: loading one may switch a hook on.
 */

const count = (n, make) => Array.from({ length: n }, (_, i) => make(i));

/** Calls fn inside of `enter` of each one. */
function nest(all, enter, fn) {
  let inner = fn;
  for (const one of all) {
    const next = inner;
    inner = () => enter(one, next);
  }
  return inner();
}

function hooks(functions) {
  return () => {
    require('node:async_hooks').createHook(functions).enable();
    return { inside: (fn) => fn() };
  };
}

function local(n) {
  const { AsyncLocalStorage } = require('node:async_hooks');
  const stores = count(n, () => new AsyncLocalStorage());
  const [first] = stores;
  return {
    inside: (fn) => nest(stores, (store, next) => store.run(new Map([['id', 1]]), next), fn),
    get: () => first.getStore().get('id'),
    unit: () =>
      first.run(new Map(), () => {
        first.getStore().set('id', 1);
        return first.getStore().get('id');
      }),
    nested: (fn) => nest(stores, (store, next) => store.run(new Map(), next), fn),
  };
}

function clsHooked(n) {
  const { createNamespace } = require('cls-hooked');
  const namespaces = count(n, (i) => createNamespace(`bench-${i}`));
  const [first] = namespaces;
  const setAndRun = (namespace, next) =>
    namespace.runAndReturn(() => {
      namespace.set('id', 1);
      return next();
    });
  return {
    inside: (fn) => nest(namespaces, setAndRun, fn),
    get: () => first.get('id'),
    unit: () =>
      first.runAndReturn(() => {
        first.set('id', 1);
        return first.get('id');
      }),
    nested: (fn) => nest(namespaces, (namespace, next) => namespace.runAndReturn(next), fn),
  };
}

function openTelemetry(n) {
  const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
  const managers = count(n, () => new AsyncLocalStorageContextManager().enable());
  const [first] = managers;
  const key = createContextKey('id');
  return {
    inside: (fn) => nest(managers, (manager, next) => manager.with(ROOT_CONTEXT.setValue(key, 1), next), fn),
    get: () => first.active().getValue(key),
    unit: () => first.with(first.active().setValue(key, 1), () => first.active().getValue(key)),
    nested: (fn) => nest(managers, (manager, next) => manager.with(manager.active().setValue(key, 1), next), fn),
  };
}

function context(n) {
  const { createNamespace } = require('context');
  const namespaces = count(n, (i) => createNamespace(`bench-${i}`));
  const [first] = namespaces;
  const setAndRun = (namespace, next) =>
    namespace.run(() => {
      namespace.set('id', 1);
      return next();
    });
  return {
    inside: (fn) => nest(namespaces, setAndRun, fn),
    get: () => first.get('id'),
    unit: () =>
      first.createContext().run(() => {
        first.set('id', 1);
        return first.get('id');
      }),
    nested: (fn) => nest(namespaces, (namespace, next) => namespace.createContext().run(next), fn),
  };
}

function loaded() {
  require('context').createNamespace('bench');
  return { inside: (fn) => fn() };
}

function nothing() {}

module.exports = {
  bare: () => ({ inside: (fn) => fn() }),
  loaded,
  'init hook': hooks({ init: nothing }),
  'empty hooks': hooks({ init: nothing, before: nothing, after: nothing }),
  AsyncLocalStorage: local,
  'cls-hooked': clsHooked,
  OpenTelemetry: openTelemetry,
  context,
};
