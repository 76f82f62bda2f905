'use strict';

/**
 * Feature tests for runtimes other than Node.js. On Node.js, enabling a hook even once makes each later `await` a quarter
 * slower.
 */

const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');

/** Whether an AsyncLocalStorage keeps its store in an AsyncResource. `await` is tested separately. */
function keepsStore() {
  try {
    const storage = new AsyncLocalStorage();
    const store = {};
    const resource = storage.run({}, () => {
      storage.enterWith(store);
      return new AsyncResource('context.probe');
    });
    return storage.getStore() === undefined && resource.runInAsyncScope(() => storage.getStore()) === store;
  } catch {
    return false;
  }
}

/** Whether hooks fire for promises and resources, and a resource is current in its callback. */
function firesHooks() {
  const types = [];
  let began = 0;
  let ended = 0;
  try {
    const hook = createHook({ init: (id, type) => types.push(type), before: () => began++, after: () => ended++ }).enable();
    try {
      void Promise.resolve().then(() => {});
      const resource = new AsyncResource('context.probe');
      const isCurrent = () => executionAsyncId() === resource.asyncId() && executionAsyncResource() === resource;
      return resource.runInAsyncScope(isCurrent) && types.includes('PROMISE') && began > 0 && ended === began;
    } finally {
      hook.disable();
    }
  } catch {
    return false;
  }
}

/**
 * Whether an engine carries a snapshot across `await`.
 * @param {{ current: () => unknown, set: (snapshot: unknown) => void }} engine
 * @returns {Promise<boolean>}
 */
function carriesAcrossAwait(engine) {
  const snapshot = { __proto__: null, record: 0 };
  const outside = engine.current();
  engine.set(snapshot);
  try {
    return isCurrentAfterAwait(engine, snapshot);
  } finally {
    engine.set(outside);
  }
}

async function isCurrentAfterAwait(engine, snapshot) {
  await undefined;
  return engine.current() === snapshot;
}

module.exports = { carriesAcrossAwait, firesHooks, keepsStore };
