'use strict';

/**
 * The engine for Node.js without AsyncContextFrame. An async resource keeps the snapshot that was active when it was made
 * (`init`); around each of its callbacks that snapshot is active (`before`, `after`).
 *
 * Nothing here may throw: an error in a hook ends the process, and nobody can catch it.
 */

const { createHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');

const core = require('../frames/binding');
const { SafeWeakMap } = require('../util/primordials');

/** The property in which a resource keeps its snapshot. */
const kSnapshot = Symbol('context.snapshot');

/** The snapshots of resources that take no property: frozen ones, proxies. */
let keptBeside;

/** One word that is shared with the core: the record of what is active now. It is written last. */
const { activeWord } = core;

/** A callback that is running and whose `before` event was seen. Levels are made once, and used again. */
class Level {
  constructor(below) {
    this.asyncId = 0;
    this.snapshot = undefined;
    this.snapshotBefore = undefined;
    this.below = below;
    this.above = undefined;
  }
}

/** Below all levels. No callback has its async id. */
const ground = new Level(undefined);
ground.asyncId = -1;

let top = ground;

/**
 * What was entered in scopes that have no level, by the resource of the scope: the main script, a callback that was running
 * when the hooks were switched on, the handlers of `unhandledRejection`, callbacks without an async id. Such a scope starts
 * with what its resource keeps.
 *
 * It may end without an event (if it has no async id, or if nobody tracked its promise), and others may have the same
 * resource. So what was entered goes at the end of the turn, by a microtask, and at the `after` event if there is one.
 *
 * @type {WeakMap<object, { snapshot: Snapshot | undefined }>}
 */
const scopes = new SafeWeakMap();

/** The scope that was used last, to look it up once. */
let lastResource;
let lastScope;

/** Nothing is switched on before there is a context to be carried. */
let enabled = false;

function keep(resource, snapshot) {
  try {
    resource[kSnapshot] = snapshot;
    if (keptBeside === undefined) return;
    keptBeside.delete(resource);
  } catch {
    keepBeside(resource, snapshot);
  }
}

function keepBeside(resource, snapshot) {
  try {
    keptBeside ??= new SafeWeakMap();
    keptBeside.set(resource, snapshot);
  } catch {
    // The stack is full: the callback finds what its resource kept before.
  }
}

function keptBy(resource) {
  if (keptBeside !== undefined && keptBeside.has(resource)) return keptBeside.get(resource);
  try {
    return resource?.[kSnapshot];
  } catch {
    return undefined;
  }
}

function publish(snapshot) {
  activeWord[0] = snapshot === undefined ? 0 : snapshot.record;
}

/** The scope without a level that runs now, if something was entered or left in it. */
function runningScope(resource) {
  if (resource !== lastResource) {
    lastScope = scopes.get(resource);
    lastResource = resource;
  }
  return lastScope;
}

function currentWithoutLevel() {
  const resource = executionAsyncResource();
  const scope = runningScope(resource);
  return scope === undefined ? keptBy(resource) : scope.snapshot;
}

function setWithoutLevel(snapshot) {
  const resource = executionAsyncResource();
  const scope = runningScope(resource);
  if (scope !== undefined) {
    scope.snapshot = snapshot;
    return;
  }
  inMicrotask(forgetScope, resource);
  scopes.set(resource, { snapshot });
  lastResource = undefined;
}

/** Calls a function in a microtask. An await asks nothing of Promise, whatever becomes of that. */
async function inMicrotask(callback, argument) {
  await undefined;
  callback(argument);
}

function forgetScope(resource) {
  scopes.delete(resource);
  lastResource = undefined;
  lastScope = undefined;
}

function init(asyncId, type, triggerAsyncId, resource) {
  const snapshot = top.asyncId === executionAsyncId() ? top.snapshot : currentWithoutLevel();
  // A resource that is used again, as a timer that is refreshed, may still keep the snapshot of its last use.
  if (snapshot !== undefined || keptBy(resource) !== undefined) keep(resource, snapshot);
}

function before(asyncId) {
  const level = top.above ?? (top.above = new Level(top));
  const snapshot = keptBy(executionAsyncResource());
  level.asyncId = asyncId;
  level.snapshot = snapshot;
  level.snapshotBefore = snapshot;
  top = level;
  publish(snapshot);
}

function after(asyncId) {
  // Mostly the top level. Not so if callbacks on top were left by an exception; there is none if the hooks were switched on in
  // the middle of the callback.
  let level = top;
  while (level.asyncId !== asyncId) {
    if (level === ground) {
      leaveScope(executionAsyncResource());
      return;
    }
    level = level.below;
  }
  while (top !== level) pop();
  if (level.snapshot !== level.snapshotBefore) keepWithPromise(executionAsyncResource(), level.snapshot);
  pop();
  publish(top.snapshot);
}

/**
 * What a reaction to a promise enters belongs to the promise that it decides: to the `then` of a thenable that it returned,
 * and to the handler of a rejection. All other resources are left as they were, as they may call back again.
 */
function keepWithPromise(resource, snapshot) {
  if (isPromise(resource)) keep(resource, snapshot);
}

/** Ends a scope whose `before` was not seen, at its `after`. */
function leaveScope(resource) {
  const scope = scopes.get(resource);
  if (scope === undefined) return;
  keepWithPromise(resource, scope.snapshot);
  forgetScope(resource);
}

function pop() {
  top.snapshot = undefined;
  top.snapshotBefore = undefined;
  top = top.below;
}

const hook = createHook({ init, before, after });

/** The snapshot that is active now. */
function current() {
  if (top.asyncId === executionAsyncId()) return top.snapshot;
  return enabled ? currentWithoutLevel() : undefined;
}

/**
 * Makes a snapshot the active one, for the rest of the running callback and all that is started in it.
 *
 * @param {Snapshot | undefined} snapshot
 */
function set(snapshot) {
  if (top.asyncId === executionAsyncId()) {
    top.snapshot = snapshot;
  } else {
    setWithoutLevel(snapshot);
    if (!enabled) {
      enabled = true;
      hook.enable();
    }
  }
  publish(snapshot);
}

/** The record of the snapshot that is active now, as the core has it; 0 for none. */
function activeRecord() {
  publish(current());
  return core.activeRecord();
}

module.exports = { name: 'async-hooks', activeRecord, current, platformFrames: undefined, set };
