'use strict';

/**
 * Publishes the active snapshot to the core, and to observers in JavaScript, at each switch. Costs nothing while nobody
 * observes.
 *
 * The `async-hooks` engine reports its own switches. With `async-context-frame` the platform switches, so hooks are enabled
 * here while somebody observes. In `before`, the store is already that of the callback, except for an AsyncResource, which
 * holds its frame in a property.
 *
 * A callback that began earlier counts as running in the snapshot that was active when observation started. The platform calls
 * no hook for `unhandledRejection` handlers: there, no snapshot is active for the core.
 *
 * Nothing here may throw: an error in a hook ends the process, and can't be caught.
 */

const { AsyncResource, createHook, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');
const { promiseHooks } = require('node:v8');

const core = require('../frames/binding');
const { inMicrotask } = require('../util/promise');
const engine = require('./index');
const { AFTER, BEFORE, LATE, SET } = require('./switches');

const { activeWord } = core;

/**
 * Writes the word that names the active record. A thread that reads the word must also see earlier writes to the record: x86
 * keeps stores in order; other processors need an atomic store, which would cost 20 ns on x86.
 */
const keepsOrder = process.arch === 'x64' || process.arch === 'ia32';
const { store: atomicStore } = Atomics;
const writeWord = keepsOrder ? (record) => void (activeWord[0] = record) : (record) => void atomicStore(activeWord, 0, record);

/** Replaced with each change, so that a running iteration is unaffected. */
let listeners = [];

/** The snapshot published last. */
let published;

/** How many observers there are, including those without a callback. */
let observers = 0;

/** A running callback whose `before` event was seen. Levels are created once and reused. */
class Level {
  constructor(below) {
    this.key = undefined;
    this.snapshot = undefined;
    this.below = below;
    this.above = undefined;
  }
}

Object.setPrototypeOf(Level.prototype, null);

/** Below all levels. Its snapshot is cleared at the end of the turn, because the code may end without an event. */
const ground = new Level(undefined);

let top = ground;

/** Whether the microtask that clears it is scheduled. */
let willForget = false;

/**
 * Publishes a snapshot, if it changed. The record is complete before the word that names it.
 * @param {Snapshot | undefined} snapshot
 * @param {number} kind see switches.js
 */
function publish(snapshot, kind) {
  if (snapshot === published) return;
  published = snapshot;
  writeWord(snapshot === undefined ? 0 : snapshot.record);
  notify(snapshot, kind);
}

function notify(snapshot, kind) {
  const notified = listeners;
  for (let index = 0; index < notified.length; index++) {
    const { onSwitch } = notified[index];
    onSwitch(snapshot, kind);
  }
}

function enterLevel(key, snapshot) {
  const level = top.above ?? (top.above = new Level(top));
  level.key = key;
  level.snapshot = snapshot;
  top = level;
  publish(snapshot, BEFORE);
}

function leaveLevel(key) {
  // Usually the top level. Levels above it were left by an exception; no level matches if the callback began before
  // observation.
  let level = top;
  while (level !== ground && level.key !== key) level = level.below;
  const last = level === ground ? ground : level.below;
  while (top !== last) pop();
  if (level === ground) setGround(snapshotAroundCallback());
  publish(top.snapshot, AFTER);
}

function pop() {
  top.key = undefined;
  top.snapshot = undefined;
  top = top.below;
}

/**
 * `uncaughtException` handlers run in the snapshot of the error, after a microtask's level has ended; for rejections, Node.js
 * calls no hook at all.
 */
function beforeUncaught() {
  const snapshot = engine.current();
  if (engine.switchesItself) publish(snapshot, SET);
  else switched(snapshot);
  // This microtask is a switch, so that the snapshot ends with the turn.
  inMicrotask(ignore);
}

/** Called by the engine for each `set`. */
function switched(snapshot) {
  if (top === ground) setGround(snapshot);
  else top.snapshot = snapshot;
  publish(snapshot, SET);
}

function setGround(snapshot) {
  ground.snapshot = snapshot;
  if (snapshot === undefined || willForget) return;
  willForget = true;
  inMicrotask(forgetGround);
}

function forgetGround() {
  willForget = false;
  ground.snapshot = undefined;
}

/** The property in which an AsyncResource holds its frame; undefined if this Node.js has none. */
let frameKey;

/** Reads our snapshot from such a frame. */
let snapshotIn;

/** The platform's hooks, created on first use. */
let hooks;

/** Identifies the property by its value: resources hold the frame that they were created in. */
function findFrameKey() {
  const { storage } = engine;
  snapshotIn = (frame) => frame?.get(storage);
  const probe = {};
  const resource = storage.run(probe, () => new AsyncResource('context.probe', { requireManualDestroy: true }));
  frameKey = Object.getOwnPropertySymbols(resource).find((key) => {
    const frame = resource[key];
    return typeof frame?.get === 'function' && frame.get(storage) === probe;
  });
}

/** The snapshot of the callback whose `before` is running. */
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

/**
 * The snapshot after a callback whose `before` was not seen. After an AsyncResource's callback, the code that called it
 * continues in the platform's restored frame.
 */
function snapshotAroundCallback() {
  try {
    return executionAsyncResource() instanceof AsyncResource ? engine.current() : undefined;
  } catch {
    // A proxy threw.
    return undefined;
  }
}

/**
 * Runs when a promise is created or settled outside all reported callbacks. The platform reports no callback for the mapper of
 * `Array.fromAsync`, disposers of an AsyncDisposableStack or a suspended WebAssembly stack, but V8 creates or settles a promise
 * around their end. The platform's frame shows what is active.
 */
function catchUp() {
  const snapshot = engine.current();
  if (snapshot !== published) {
    publish(snapshot, LATE);
    // Its end isn't reported either; the next reported reaction clears it.
    setGround(snapshot);
  } else if (snapshot !== undefined) {
    // Confirms that it has been active until now.
    notify(snapshot, SET);
  }
}

const changePromise = () => void (top === ground && catchUp());
const beforeResource = (asyncId) => enterLevel(asyncId, snapshotOfCallback());
const beforePromise = (promise) => enterLevel(promise, engine.current());

/** Whether Node.js tracks promises for somebody's hook: then hooks fire for them. */
function tracksPromises() {
  return Object.getOwnPropertySymbols(new Promise(ignore)).length > 0;
}

function ignore() {}

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

/** Creates the hooks: V8's for promises, those of async_hooks for everything else. */
function makeHooks() {
  findFrameKey();
  const leavesPromises = canLeavePromises();
  const resources = leavesPromises
    ? createHook({ before: beforeResource, after: leaveLevel, trackPromises: false })
    : createHook({
        // If somebody makes Node.js track promises, these fire for promises as well.
        before: (asyncId) => void (runsPromise() || beforeResource(asyncId)),
        after: (asyncId) => void (runsPromise() || leaveLevel(asyncId)),
      });
  let stopPromises;
  return {
    enable() {
      stopPromises = promiseHooks.createHook({
        init: changePromise,
        before: beforePromise,
        after: leaveLevel,
        settled: changePromise,
      });
      if (leavesPromises || tracksPromises()) resources.enable();
      else enableWithoutPromises(resources);
    },
    disable() {
      resources.disable();
      stopPromises();
    },
  };
}

function switchOn() {
  activeWord[0] = 0;
  process.on('uncaughtExceptionMonitor', beforeUncaught);
  if (engine.switchesItself) {
    engine.observe(publish);
  } else {
    hooks ??= makeHooks();
    hooks.enable();
    engine.observe(switched);
  }
  const snapshot = engine.current();
  if (engine.switchesItself) publish(snapshot, SET);
  else switched(snapshot);
}

/** Disables everything that is enabled, even after a partial `switchOn`. */
function switchOff() {
  engine.observe(undefined);
  if (!engine.switchesItself) {
    hooks?.disable();
    while (top !== ground) pop();
    ground.snapshot = undefined;
  }
  published = undefined;
  activeWord[0] = 0;
  // Last, because listeners of the program may throw.
  process.removeListener('uncaughtExceptionMonitor', beforeUncaught);
}

/**
 * Starts publishing what runs. Any number of observers may exist.
 * @param {(snapshot: Snapshot | undefined, kind: number) => void} [onSwitch] called once with the active snapshot, then at each
 *   change after the core's word was written, with a kind: BEFORE if a callback begins, AFTER if one has ended (with the
 *   snapshot of the callback around it; undefined outside all), SET for a change during a callback, LATE for a change that was
 *   noticed late. SET with an unchanged snapshot confirms that it has been active until now. Runs inside hooks: must not throw
 *   or start asynchronous operations
 * @returns {() => void} stops observing; further calls do nothing
 * @throws {unknown} what a `newListener` listener of `process` throws; nothing has changed then. Callers near the end of the
 *   stack must reserve some first: see lib/util/stack.js
 */
function observe(onSwitch = undefined) {
  // The same function may observe twice.
  const listener = { onSwitch };
  let observes = true;
  function stop() {
    if (!observes) return;
    observes = false;
    listeners = listeners.filter((other) => other !== listener);
    if (--observers === 0) switchOff();
  }
  try {
    if (observers++ === 0) switchOn();
  } catch (error) {
    stop();
    throw error;
  }
  if (onSwitch !== undefined) {
    listeners = [...listeners, listener];
    onSwitch(engine.current(), SET);
  }
  return stop;
}

module.exports = { AFTER, BEFORE, LATE, SET, observe };
