'use strict';

/**
 * The hooks that report the platform's switches to tracker.js, for the engine `async-context-frame`: V8's own hooks for
 * promises, those of async_hooks for everything else.
 *
 * Nothing here may throw: an error in a hook ends the process, and can't be caught.
 */

const { AsyncResource, createHook, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');

const engine = require('./index');
const { frameKeyOf } = require('./platform-frames');

/** Of node:v8, which needs half as long to load as this package: only observers use it. */
let promiseHooks;

function ignore() {}

/** The property in which an AsyncResource holds its frame; undefined if this Node.js has none. */
let frameKey;

/** Reads our snapshot from such a frame. */
let snapshotIn;

function findFrameKey() {
  const { storage } = engine;
  snapshotIn = (frame) => frame?.get(storage);
  const probe = {};
  const resource = storage.run(probe, () => new AsyncResource('context.probe', { requireManualDestroy: true }));
  frameKey = frameKeyOf(resource, storage, probe);
}

/** The snapshot of the callback whose `before` is running: the active one, except for an AsyncResource, which holds its own. */
function snapshotOfCallback() {
  try {
    const resource = executionAsyncResource();
    // Few resources have the property, and checking the class first is much cheaper.
    if (frameKey !== undefined && resource instanceof AsyncResource && frameKey in resource)
      return snapshotIn(resource[frameKey]);
  } catch {
    // A proxy threw.
  }
  return engine.current();
}

/** Whether Node.js tracks promises for somebody's hook: then hooks fire for them. */
function tracksPromises() {
  return Object.getOwnPropertySymbols(new Promise(ignore)).length > 0;
}

/** Whether hooks can leave promises out. Older releases ignore the unknown option. */
function canLeavePromises() {
  try {
    createHook({ before: ignore, trackPromises: 0 });
    return false;
  } catch {
    return true;
  }
}

/**
 * Enables a hook without making Node.js track promises, which would slow them down and end the process for a frozen promise
 * (Node.js 22). Node.js calls `createHook` of this very object for that.
 */
function enableWithoutPromises(hook) {
  const { createHook: original } = promiseHooks;
  promiseHooks.createHook = () => ignore;
  try {
    hook.enable();
  } finally {
    promiseHooks.createHook = original;
  }
}

const runsPromise = () => isPromise(executionAsyncResource());

/**
 * @param {object} handlers
 * @param {(key: number | Promise<unknown>, snapshot: Snapshot | undefined) => void} handlers.before a callback begins: of an
 *   async id or a promise
 * @param {(key: number | Promise<unknown>, caller?: Function) => void} handlers.after it has ended; `caller` is the hook, if not
 *   the handler itself
 * @param {() => void} handlers.promiseChanged a promise was made or settled
 * @returns {{ enable(): void, disable(): void }}
 */
function makePlatformHooks({ before, after, promiseChanged }) {
  ({ promiseHooks } = require('node:v8'));
  findFrameKey();
  const beforeResource = (asyncId) => before(asyncId, snapshotOfCallback());
  const beforePromise = (promise) => before(promise, engine.current());
  function afterUntracked(asyncId) {
    if (!runsPromise()) after(asyncId, afterUntracked);
  }
  const leavesPromises = canLeavePromises();
  const resources = leavesPromises
    ? createHook({ before: beforeResource, after, trackPromises: false })
    : createHook({
        // If somebody makes Node.js track promises, these fire for promises as well.
        before: (asyncId) => void (runsPromise() || beforeResource(asyncId)),
        after: afterUntracked,
      });
  let stopPromises;
  return {
    enable() {
      const isPlain = leavesPromises || tracksPromises();
      stopPromises = promiseHooks.createHook({ init: promiseChanged, before: beforePromise, after, settled: promiseChanged });
      if (isPlain) resources.enable();
      else enableWithoutPromises(resources);
    },
    disable() {
      resources.disable();
      stopPromises();
    },
  };
}

module.exports = { makePlatformHooks };
