'use strict';

/**
 * The engine for Node.js without AsyncContextFrame. An async resource keeps the snapshot that was active when it was made
 * (`init`); around each of its callbacks that snapshot is active (`before`, `after`). Promises do the same; they are told of by V8 if
 * nobody else has Node.js track them (promise-hooks.js), and else as all other resources are.
 *
 * Nothing here may throw: an error in a hook ends the process, and nobody can catch it.
 */

const { createHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');

const core = require('../frames/binding');
const { isInProgram } = require('../util/call-sites');
const { SafeWeakMap } = require('../util/primordials');
const { inMicrotask } = require('../util/promise');
const { reserveSomeStack } = require('../util/stack');
const promiseHooks = require('./promise-hooks');
const { AFTER, BEFORE, SET } = require('./switches');

const { idOf, identify } = promiseHooks;

/** The property in which a resource keeps its snapshot. */
const kSnapshot = Symbol('context.snapshot');

/** The snapshots of resources that take no property: frozen ones, proxies. */
let keptBeside;

/** One word that is shared with the core: the record of what is active now. It is written last. */
const { activeWord } = core;

/** A callback that is running and whose `before` event was seen. Levels are made once, and used again. */
class Level {
  constructor(below) {
    this.asyncId = -1;
    this.resource = undefined;
    this.promise = undefined;
    this.snapshot = undefined;
    this.snapshotBefore = undefined;
    this.below = below;
    this.above = undefined;
  }
}

// The application may put setters on Object.prototype; a hook that runs into one ends the process.
Object.setPrototypeOf(Level.prototype, null);

/** Below all levels. No callback has its async id. Its snapshot is what was entered last in a scope without a level. */
const ground = new Level(undefined);

/**
 * The level of a reaction to a promise that V8 tells of. It is the lowest one, as only reactions that run in no callback are left to
 * V8, and has no async id of its own, but the resource that is there outside of all callbacks.
 */
const reaction = new Level(ground);
reaction.asyncId = 0;

let top = ground;

/** The promises that V8 tells of; undefined if Node.js does. */
let ownPromises;

/** The async id of the promise whose reaction V8 has told the end of, if Node.js is to tell that as well. */
let endedId = -1;

/** What is on top when a reaction begins that V8 tells of: nothing. Undefined once Node.js tells of them. */
let quiet = ground;

/**
 * What was entered in scopes that have no level, by the resource of the scope: the main script, a callback that was running
 * when the hooks were switched on, the handlers of `unhandledRejection`, callbacks without an async id. Such a scope starts
 * with what its resource keeps.
 *
 * It may end without an event (if it has no async id, or if nobody tracked its promise), and others may have the same
 * resource. So what was entered goes at the end of the turn, by a microtask, and at the `after` event if there is one.
 *
 * @type {WeakMap<object, { snapshot: Snapshot | undefined, goesOn: boolean }>}
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

/** Who is told of each switch in place of the word, and writes that: see tracker.js. */
let observer;

/** @param {((snapshot: Snapshot | undefined, kind: number, replaced?: Snapshot) => void) | undefined} callback */
function observe(callback) {
  observer = callback;
}

function publish(snapshot, kind, replaced) {
  if (observer === undefined) activeWord[0] = snapshot === undefined ? 0 : snapshot.record;
  else observer(snapshot, kind, replaced);
}

/** Whether no callback runs whose `before` event was seen. */
function isOutside() {
  return top === ground;
}

/** The scope without a level that runs now, if something was entered or left in it. */
function runningScope(resource) {
  if (resource !== lastResource) {
    lastScope = scopes.get(resource);
    lastResource = resource;
  }
  if (lastScope !== undefined && lastScope.goesOn) watchEnd(lastScope, resource);
  return lastScope;
}

/** Has a scope forgotten when the microtasks are run that follow it. */
function watchEnd(scope, resource) {
  scope.goesOn = false;
  inMicrotask(scopeEnded, resource);
}

/**
 * Microtasks are run. The scope is over, unless it runs them itself by `process._tickCallback()`: its code is on the stack then. It may
 * end without running any more; what looks at it next watches it again.
 */
function scopeEnded(resource) {
  const scope = scopes.get(resource);
  if (scope !== undefined && isInProgram(inMicrotask)) scope.goesOn = true;
  else forgetScope(resource);
}

function currentWithoutLevel() {
  const resource = executionAsyncResource();
  const scope = runningScope(resource);
  return scope === undefined ? keptBy(resource) : scope.snapshot;
}

function setWithoutLevel(snapshot) {
  const resource = executionAsyncResource();
  const scope = runningScope(resource);
  ground.snapshot = snapshot;
  if (scope !== undefined) {
    scope.snapshot = snapshot;
    return;
  }
  const newScope = { snapshot, goesOn: false };
  watchEnd(newScope, resource);
  scopes.set(resource, newScope);
  lastResource = undefined;
}

function forgetScope(resource) {
  ground.snapshot = undefined;
  scopes.delete(resource);
  lastResource = undefined;
  lastScope = undefined;
}

/** Whether what runs now is the callback of the top level. */
function isTopRunning() {
  const asyncId = executionAsyncId();
  if (top.asyncId !== asyncId) return false;
  // Callbacks without an async id run in the reaction around them: native code makes them.
  return asyncId !== 0 || top.resource === executionAsyncResource();
}

function init(asyncId, type, triggerAsyncId, resource) {
  // Somebody has taken off what would have told that Node.js begins to track promises.
  if (type === 'PROMISE' && ownPromises !== undefined && isPromise(resource)) ownPromises.leave();
  const snapshot = isTopRunning() ? top.snapshot : currentWithoutLevel();
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
  publish(snapshot, BEFORE);
}

function after(asyncId) {
  // Mostly the top level. Not so if callbacks on top were left by an exception; there is none if the hooks were switched on in
  // the middle of the callback.
  let level = top;
  while (level.asyncId !== asyncId) {
    if (level === ground) {
      endUnseen(asyncId);
      return;
    }
    level = level.below;
  }
  while (top !== level) pop();
  if (level.snapshot !== level.snapshotBefore) keepWithPromise(executionAsyncResource(), level.snapshot);
  pop();
  publish(top.snapshot, AFTER);
}

/** Ends a callback that has no level. Nothing is left to be done if V8 has told of the end as well. */
function endUnseen(asyncId) {
  const isEnded = asyncId === endedId;
  endedId = -1;
  if (isEnded) return;
  ground.snapshot = undefined;
  leaveScope(executionAsyncResource());
  publish(top.snapshot, AFTER);
}

/**
 * What a reaction to a promise enters belongs to the promise that it decides: to the `then` of a thenable that it returned,
 * and to the handler of a rejection. All other resources are left as they were, as they may call back again.
 */
function keepWithPromise(resource, snapshot) {
  if (isPromise(resource)) keep(resource, snapshot);
}

/** Ends a scope whose `before` was not seen. */
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

function initPromise(promise) {
  const snapshot = isTopRunning() ? top.snapshot : currentWithoutLevel();
  try {
    identify(promise);
    if (snapshot !== undefined) promise[kSnapshot] = snapshot;
  } catch {
    keepBeside(promise, snapshot);
  }
}

function beforeReaction(promise) {
  // In a callback (a queue of microtasks that a vm context has for itself) a reaction may be cut short without another word.
  if (top !== quiet || executionAsyncId() !== 0) {
    ownPromises.leaveAt(promise);
    return;
  }
  const snapshot = keptByPromise(promise);
  reaction.resource = executionAsyncResource();
  reaction.promise = promise;
  reaction.snapshot = snapshot;
  reaction.snapshotBefore = snapshot;
  top = reaction;
  publish(snapshot, BEFORE);
}

/** What a promise keeps. It gets an id if it has none, as one that was made before anything was switched on. */
function keptByPromise(promise) {
  if (keptBeside !== undefined && keptBeside.has(promise)) return keptBeside.get(promise);
  let snapshot;
  try {
    snapshot = promise[kSnapshot];
  } catch {
    // It inherits from a proxy.
  }
  if (snapshot === undefined) identifyLate(promise);
  return snapshot;
}

function identifyLate(promise) {
  try {
    if (idOf(promise) === undefined) identify(promise);
  } catch {
    // It takes none: what Node.js runs for its rejection runs outside of all callbacks.
  }
}

function afterReaction(promise) {
  const { snapshot, snapshotBefore } = reaction;
  if (promise !== reaction.promise) {
    // Hooks were switched on in the middle of it; or Node.js tells of it, too.
    identifyLate(promise);
    ground.snapshot = undefined;
    leaveScope(executionAsyncResource());
    publish(top.snapshot, AFTER);
    return;
  }
  endReaction();
  if (quiet === undefined) endedId = idOf(promise);
  if (snapshot !== snapshotBefore) keep(promise, snapshot);
  publish(undefined, AFTER);
}

function endReaction() {
  while (top !== ground) pop();
  reaction.promise = undefined;
  if (quiet === undefined) ownPromises.stop();
}

function isReacting() {
  return reaction.promise !== undefined;
}

/** The script is over in which a reaction has begun. */
function cutShort() {
  endReaction();
  publish(current(), AFTER);
}

/**
 * An exception that was reported by native code takes all scopes off the stack that Node.js has. What then still runs of a scope in a
 * reaction could not be told from the reaction: neither gets a context any more.
 */
function loseReaction() {
  if (isReacting() && (top !== reaction || !isTopRunning())) reaction.resource = undefined;
}

/** From here on Node.js tells of promises. */
function leaveOwnPromises() {
  quiet = undefined;
  if (!isReacting()) return false;
  inMicrotask(dropReaction);
  return true;
}

/** Another reaction runs, so that it is over. It is still there only if it was cut short. */
function dropReaction() {
  if (reaction.promise === undefined) return;
  ownPromises.stop();
  reaction.asyncId = -1;
  reaction.promise = undefined;
  reaction.snapshot = undefined;
  reaction.snapshotBefore = undefined;
}

const hook = createHook({ init, before, after });
const promiseEvents = {
  init: initPromise,
  before: beforeReaction,
  after: afterReaction,
  leave: leaveOwnPromises,
  isReacting,
  cutShort,
  exception: loseReaction,
};

/** The snapshot that is active now. */
function current() {
  if (isTopRunning()) return top.snapshot;
  return enabled ? currentWithoutLevel() : undefined;
}

/**
 * Makes a snapshot the active one, for the rest of the running callback and all that is started in it.
 *
 * @param {Snapshot | undefined} snapshot
 */
function set(snapshot) {
  const replaced = observer === undefined ? undefined : current();
  if (isTopRunning()) {
    top.snapshot = snapshot;
  } else if (enabled) {
    setWithoutLevel(snapshot);
  } else {
    // Hooks that were enabled by halves would carry nothing for the rest of the process.
    reserveSomeStack();
    setWithoutLevel(snapshot);
    enabled = true;
    ownPromises = promiseHooks.enable(hook, promiseEvents);
  }
  publish(snapshot, SET, replaced);
}

/** The record of the snapshot that is active now, as the core has it; 0 for none. */
function activeRecord() {
  const snapshot = current();
  activeWord[0] = snapshot === undefined ? 0 : snapshot.record;
  return core.activeRecord();
}

module.exports = {
  name: 'async-hooks',
  switchesItself: true,
  activeRecord,
  current,
  isOutside,
  observe,
  platformFrames: undefined,
  // Hooks are switched on by the first entry.
  prepare() {},
  set,
};
