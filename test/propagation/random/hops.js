'use strict';

/** The ways from one callback to another of random programs. */

const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { EventEmitter, EventEmitterAsyncResource } = require('node:events');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');

/** A thenable that is no promise: settles right in its `then`. */
const foreign = (callback) => ({ then: (resolve) => resolve(void callback()) });

/** A thenable as query builders have them: `then` starts the work. */
const lazy = (callback) => ({ then: (resolve) => setImmediate(() => resolve(void callback())) });

/** The registries whose callbacks are to come: they would be collected themselves. */
const registries = new Set();

let isCollecting = false;

/**
 * Collects garbage until no registry is left, once in each turn of the loop: timers that take longer than they wait would keep all else
 * from its turn, the callbacks of registries too.
 */
function collect() {
  isCollecting = registries.size > 0;
  if (!isCollecting) return;
  global.gc();
  setImmediate(collect);
}

/** Each starts an operation that calls back once. If it comes by other code of the program, it has that compared. */
const hops = {
  nextTick: (callback) => process.nextTick(callback),
  microtask: (callback) => queueMicrotask(callback),
  immediate: (callback) => setImmediate(callback),
  timeout: (callback) => setTimeout(callback, 0),
  interval(callback) {
    const interval = setInterval(() => {
      clearInterval(interval);
      callback();
    }, 0);
  },
  then: (callback) => Promise.resolve().then(callback),
  catch: (callback) => Promise.reject(new Error('to be caught')).catch(callback),
  finally: (callback) => Promise.resolve().finally(callback),
  thenable: (callback) => Promise.resolve(foreign(callback)),
  returnedThenable: (callback) => Promise.resolve().then(() => foreign(callback)),
  thenReturning: (callback, compare) =>
    Promise.resolve().then(() => {
      callback();
      return foreign(() => compare('then of a thenable that a reaction returned'));
    }),
  asyncReturning: async (callback, compare) => {
    await null;
    callback();
    return foreign(() => compare('then of a thenable that an async function returned'));
  },
  lazyThenable: (callback) => Promise.resolve(lazy(callback)),
  asyncFunction: async (callback) => {
    await null;
    callback();
  },
  promiseInPromise: (callback) => new Promise((resolve) => resolve(nextTurn())).then(callback),
  asyncResource(callback) {
    const resource = new AsyncResource('hop');
    setImmediate(() => resource.runInAsyncScope(callback));
  },
  messageChannel(callback) {
    const { port1, port2 } = new MessageChannel();
    port1.once('message', () => {
      port1.close();
      callback();
    });
    port2.postMessage('hop');
  },
  fs: (callback) => fs.access(__filename, () => callback()),
  // An AsyncLocalStorage of Node.js 20 and 22 writes on the promises and resources of its callbacks, so that a promise of a
  // reaction must not be frozen here; test/robustness/frozen.test.js does that.
  sealedThen: (callback) => Object.seal(Promise.resolve().then(callback)),
  thenOfFrozen: (callback) => Object.freeze(Promise.resolve()).then(callback),
  frozenThenable: (callback) => Promise.resolve(Object.freeze(foreign(callback))),
  sealedAsyncFunction: (callback) =>
    Object.preventExtensions(
      (async () => {
        await Object.freeze(Promise.resolve());
        callback();
      })(),
    ),
};

/** As hops, but seldom: it takes a collection of all garbage. */
const rareHops = {
  finalization(callback) {
    const registry = new FinalizationRegistry(() => {
      registries.delete(registry);
      callback();
    });
    registry.register({}, undefined);
    registries.add(registry);
    if (isCollecting) return;
    isCollecting = true;
    setImmediate(collect);
  },
};

/**
 * Hops and deferrals whose promise or resource takes no new property. An AsyncLocalStorage of Node.js 20 and 22 that was not
 * entered before cannot keep its store there, and throws.
 */
const sealed = ['sealedThen', 'sealedAsyncFunction', 'sealedAsyncResource'];

/** Each makes something to be awaited. */
const awaitables = {
  value: () => null,
  promise: () => Promise.resolve(),
  rejection: () => Promise.reject(new Error('to be caught')),
  tick: () => new Promise((resolve) => process.nextTick(resolve)),
  immediate: () => new Promise((resolve) => setImmediate(resolve)),
  turn: () => nextTurn(),
  foreign: () => foreign(() => {}),
  lazy: () => lazy(() => {}),
  frozen: () => Object.freeze(nextTurn()),
  frozenThenable: () => Object.freeze(foreign(() => {})),
  all: () => Promise.all([null, Promise.resolve(), foreign(() => {})]),
  race: () => Promise.race([new Promise(() => {}), nextTurn()]),
};

/**
 * Each makes a function that calls back when it is called, from wherever that happens: in the context in which it was
 * made (resources), or in that of the caller (emitters).
 */
const deferrals = {
  asyncResource(callback) {
    const resource = new AsyncResource('deferral');
    return () => resource.runInAsyncScope(callback);
  },
  sealedAsyncResource(callback) {
    const resource = Object.seal(new AsyncResource('deferral'));
    return () => resource.runInAsyncScope(callback);
  },
  asyncResourceBind: (callback) => AsyncResource.bind(callback),
  asyncSnapshot(callback) {
    const snapshot = AsyncLocalStorage.snapshot();
    return () => snapshot(callback);
  },
  emitter(callback) {
    const emitter = new EventEmitter().on('event', callback);
    return () => emitter.emit('event');
  },
  emitterAsyncResource(callback) {
    const emitter = new EventEmitterAsyncResource({ name: 'deferral' }).on('event', callback);
    return () => emitter.emit('event');
  },
  promise(callback) {
    const { promise, resolve } = pending();
    promise.then(callback);
    return resolve;
  },
  abort(callback) {
    const controller = new AbortController();
    controller.signal.addEventListener('abort', callback);
    return () => controller.abort();
  },
};

/** The deferrals that make a resource of their own current around each call. */
const hasResource = new Set([
  'asyncResource',
  'sealedAsyncResource',
  'asyncResourceBind',
  'asyncSnapshot',
  'emitterAsyncResource',
]);

/** The deferrals whose caller gets what the callback throws. */
const passesThrows = new Set([...hasResource, 'emitter']);

/** A promise, and what resolves it. */
function pending() {
  let resolve;
  const promise = new Promise((onResolve) => (resolve = onResolve));
  return { promise, resolve };
}

/** What may come before the first entry of a process: each returns a promise, but for the one that does not wait. */
const waits = {
  none: undefined,
  value: () => null,
  turn: () => nextTurn(),
  turns: () => nextTurn().then(nextTurn),
  tick: () => new Promise((resolve) => process.nextTick(resolve)),
  lazy: () => lazy(() => {}),
  fs: () => fs.promises.access(__filename),
  timer: () => new Promise((resolve) => setTimeout(resolve, 1)),
};

module.exports = {
  awaitables,
  deferrals,
  hasResource,
  hops: { ...hops, ...rareHops },
  passesThrows,
  pending,
  rareHops,
  sealed,
  waits,
};
