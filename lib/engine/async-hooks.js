'use strict';

/**
 * The engine for Node.js without AsyncContextFrame. `init` stores the active snapshot on each async resource; `before` and
 * `after` activate it around the resource's callbacks. V8 reports promises (promise-hooks.js) unless somebody else makes
 * Node.js track them; then they are resources like any other.
 *
 * Nothing here may throw: an error in a hook ends the process, and can't be caught.
 */

const { createHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');

const core = require('../frames/binding');
const { inMicrotask } = require('../util/promise');
const { reserveSomeStack } = require('../util/stack');
const { kSnapshot, keep, keepBeside, keepWithPromise, keptBy } = require('./kept-snapshots');
const { Level, ground, reaction } = require('./levels');
const promiseHooks = require('./promise-hooks');
const { currentWithoutLevel, leaveScope, setWithoutLevel } = require('./scopes');
const { AFTER, BEFORE, LATE, SET } = require('./switches');

const { idOf, identify } = promiseHooks;

/** A word shared with the core: the active record. It is written last. */
const { activeWord } = core;

let top = ground;

/** V8's promise hooks; undefined if Node.js tracks promises. */
let ownPromises;

/** The async id of the promise whose reaction V8 has ended, if Node.js will report that as well. */
let endedId = -1;

/** The expected `top` when V8 starts a reaction. Undefined once Node.js tracks promises. */
let quiet = ground;

/** Hooks stay off until the first context is entered. */
let enabled = false;

/**
 * Set by tracker.js: called for each switch, instead of writing the word here; and with LATE if a promise is made outside all
 * callbacks: something runs whose beginning the platform did not report.
 */
let observer;

function observe(callback) {
  observer = callback;
}

const isObserved = () => observer !== undefined;

function publish(snapshot, kind, replaced) {
  if (observer === undefined) activeWord[0] = snapshot === undefined ? 0 : snapshot.record;
  else observer(snapshot, kind, replaced);
}

/** Whether no callback runs whose `before` event was seen. */
function isOutside() {
  return top === ground;
}

/** Whether the current callback is that of the top level. */
function isTopRunning() {
  const asyncId = executionAsyncId();
  if (top.asyncId !== asyncId) return false;
  // Native code makes callbacks without an async id; they run in the reaction around them.
  return asyncId !== 0 || top.resource === executionAsyncResource();
}

function init(asyncId, type, triggerAsyncId, resource) {
  // Our patch that detects promise tracking was removed.
  if (type === 'PROMISE' && ownPromises !== undefined && isPromise(resource)) ownPromises.leave();
  const snapshot = isTopRunning() ? top.snapshot : currentWithoutLevel();
  if (observer !== undefined && top === ground && type === 'PROMISE') observer(snapshot, LATE);
  // A reused resource, such as a refreshed timer, may hold an old snapshot.
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
  // Usually the top level. Levels above it were left by an exception; no level matches if the hooks were enabled during the
  // callback.
  let level = top;
  while (level.asyncId !== asyncId) {
    if (level === ground) {
      // Unless V8 has already reported its end.
      if (asyncId !== endedId) endWithoutLevel();
      endedId = -1;
      return;
    }
    level = level.below;
  }
  while (top !== level) pop();
  if (level.snapshot !== level.snapshotBefore) keepWithPromise(executionAsyncResource(), level.snapshot);
  pop();
  publish(top.snapshot, AFTER);
}

/** Ends a callback without a level. */
function endWithoutLevel() {
  ground.snapshot = undefined;
  leaveScope(executionAsyncResource());
  publish(top.snapshot, AFTER);
}

function pop() {
  top.snapshot = undefined;
  top.snapshotBefore = undefined;
  top = top.below;
}

function initPromise(promise) {
  const snapshot = isTopRunning() ? top.snapshot : currentWithoutLevel();
  if (observer !== undefined && top === ground) observer(snapshot, LATE);
  try {
    identify(promise);
    if (snapshot !== undefined) promise[kSnapshot] = snapshot;
  } catch {
    keepBeside(promise, snapshot);
  }
}

function beforeReaction(promise) {
  // In a callback (the microtask queue of a vm context), V8 may abort a reaction without an event.
  if (top !== quiet || executionAsyncId() !== 0) {
    ownPromises.leaveAt(promise);
    return;
  }
  const snapshot = keptBy(promise);
  // It may have been created before the hooks were enabled.
  if (snapshot === undefined) identifyLate(promise);
  reaction.resource = executionAsyncResource();
  reaction.promise = promise;
  reaction.snapshot = snapshot;
  reaction.snapshotBefore = snapshot;
  top = reaction;
  publish(snapshot, BEFORE);
}

function identifyLate(promise) {
  try {
    if (idOf(promise) === undefined) identify(promise);
  } catch {
    // Not extensible: its rejection handlers run outside all callbacks.
  }
}

function afterReaction(promise) {
  const { snapshot, snapshotBefore } = reaction;
  if (promise !== reaction.promise) {
    // Hooks were enabled during the reaction; or Node.js reports it as well.
    identifyLate(promise);
    endWithoutLevel();
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

/** The script in which a reaction started was aborted. */
function cutShort() {
  endReaction();
  publish(current(), AFTER);
}

/**
 * After an exception in native code, Node.js drops all scopes from its stack. The rest of a scope inside a reaction then looks
 * like the reaction itself, so neither gets a context.
 */
function loseReaction() {
  if (isReacting() && (top !== reaction || !isTopRunning())) reaction.resource = undefined;
}

/** Node.js tracks promises from here on. */
function leaveOwnPromises() {
  quiet = undefined;
  if (!isReacting()) return false;
  inMicrotask(dropReaction);
  return true;
}

/** Another reaction runs. If this one is still there, it was aborted. */
function dropReaction() {
  if (!isReacting()) return;
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

function current() {
  if (isTopRunning()) return top.snapshot;
  return enabled ? currentWithoutLevel() : undefined;
}

/** Makes a snapshot active for the rest of the current callback and everything started in it. */
function set(snapshot) {
  const replaced = observer === undefined ? undefined : current();
  if (isTopRunning()) {
    top.snapshot = snapshot;
  } else if (enabled) {
    setWithoutLevel(snapshot);
  } else {
    // If enabling the hooks failed halfway, nothing would be propagated any more.
    reserveSomeStack();
    setWithoutLevel(snapshot);
    enabled = true;
    ownPromises = promiseHooks.enable(hook, promiseEvents);
  }
  try {
    publish(snapshot, SET, replaced);
  } catch {
    // The stack is full: the observer hears of the next switch.
  }
}

/** The native record of the active snapshot; 0 for none. */
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
  isObserved,
  observe,
  platformFrames: undefined,
  // The first entry enables the hooks.
  prepare() {},
  set,
};
