'use strict';

/**
 * Publishes the active snapshot to the core, and to observers in JavaScript, at each switch. Costs nothing while nobody
 * observes.
 *
 * The `async-hooks` engine reports its own switches. With `async-context-frame` the platform switches, so hooks are enabled
 * here while somebody observes. In `before`, the store is already that of the callback, except for an AsyncResource, which
 * holds its frame in a property.
 *
 * A callback that began before somebody observed counts as running in what is active at that moment, until it is over. Outside of all
 * callbacks whose beginning was seen the core is told that nobody knows what runs: the handlers of `unhandledRejection` may, or the
 * mapper of `Array.fromAsync`. The platform calls no hook there.
 *
 * Nothing here may throw: an error in a hook ends the process, and can't be caught.
 */

const { AsyncResource, createHook, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');
const { promiseHooks } = require('node:v8');

const core = require('../frames/binding');
const { isInProgram } = require('../util/call-sites');
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

/** The word if nobody knows what runs: kUnknownRecord in src/frame_table.h. */
const UNKNOWN = -1;

/** Who observes by a function: a new array with each change, so that one in the middle of a switch is not disturbed. */
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

/** Whether nothing is known of what runs without a level, nor is anything kept of it. */
let isGroundForgotten = true;

/** Whether a microtask is on its way that forgets what runs without a level. */
let forgets = false;

/** Whether that microtask came too early: what runs without a level has run it itself, and goes on. */
let goesOn = false;

/** Whether it is known what runs without a level: it was entered there, and no promise was made or settled since then. */
let isGroundKnown = false;

/** Whether it is known whatever happens to promises, until it is forgotten: it has called `observe`. */
let isGroundObserved = false;

/** What was active there before anything was entered. Who has left all that may end unseen; null if it is known what runs then. */
let base;

/**
 * Says what is active from here on, if it is something else.
 *
 * @param {Snapshot | undefined} snapshot
 * @param {number} kind see switches.js
 */
function publish(snapshot, kind) {
  writeActive(snapshot);
  change(snapshot, kind);
}

function change(snapshot, kind) {
  if (snapshot === published) return;
  published = snapshot;
  tell(snapshot, kind);
}

/** Has the core know what is active. The record is complete before the word that names it: another thread may read it at once. */
function writeActive(snapshot) {
  if (top === ground && !isGroundKnown && !isGroundObserved) writeWord(UNKNOWN);
  else writeWord(snapshot === undefined ? 0 : snapshot.record);
}

function tell(snapshot, kind) {
  const current = listeners;
  for (let index = 0; index < current.length; index++) {
    const { onSwitch } = current[index];
    onSwitch(snapshot, kind);
  }
}

function enterLevel(key, snapshot) {
  const level = top.above ?? (top.above = new Level(top));
  level.key = key;
  level.snapshot = snapshot;
  top = level;
  writeWord(snapshot === undefined ? 0 : snapshot.record);
  change(snapshot, BEFORE);
}

function leaveLevel(key, caller = leaveLevel) {
  // Mostly the top level. Not so if callbacks on top were left by an exception; there is none if it began before anybody observed.
  let level = top;
  while (level !== ground && level.key !== key) level = level.below;
  const last = level === ground ? ground : level.below;
  while (top !== last) pop();
  if (top === ground && isGroundForgotten && level !== ground) {
    // By far the most often.
    writeWord(UNKNOWN);
    change(undefined, AFTER);
    return;
  }
  if (level === ground) leaveUnseen();
  else if (goesOn && top === ground && !isInProgram(caller)) forgetGround();
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
  // A switch of its own, so that nothing of it is left at the end of the turn.
  inMicrotask(ignore);
  const snapshot = engine.current();
  onEngine(snapshot, SET, null);
}

/** For the engine that switches by itself. Its callbacks are no levels here. */
function ownSwitch(snapshot, kind, before) {
  if (!engine.isOutside()) {
    isGroundKnown = true;
  } else {
    if (kind === SET) noteBase(before);
    else if (snapshot === undefined) forgetGround();
    isGroundKnown = snapshot !== base;
  }
  publish(snapshot, kind);
}

/** Notes what was active, where there is no level, before something was entered; null if that does not matter. */
function noteBase(before) {
  if (before !== published) base = before;
}

/** For the other one: what was made active in the middle of a callback. */
function switched(snapshot, kind, before) {
  if (top === ground) noteBase(before);
  top.snapshot = snapshot;
  publish(snapshot, kind);
  if (top !== ground) return;
  // After the switch was published, since creating a promise makes us look at what is active.
  watchGround();
  isGroundKnown = snapshot !== base;
  writeActive(snapshot);
}

/** What the engine calls. */
const onEngine = engine.switchesItself ? ownSwitch : switched;

/** Has what runs without a level forgotten at the end of the turn. */
function watchGround() {
  isGroundForgotten = false;
  if (forgets) return;
  forgets = true;
  inMicrotask(microtasksRun);
}

/** What runs without a level is over, unless it runs the microtasks itself by `process._tickCallback()`: it is on the stack then. */
function microtasksRun() {
  forgets = false;
  goesOn = isInProgram(inMicrotask);
  if (!goesOn) forgetGround();
}

function forgetGround() {
  isGroundForgotten = true;
  goesOn = false;
  isGroundKnown = false;
  isGroundObserved = false;
  base = undefined;
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
 * A callback is over whose `before` was not seen. If it was that of an AsyncResource, the code goes on by which it was called, and the
 * platform's frame is that one's again.
 */
function leaveUnseen() {
  forgetGround();
  try {
    if (!(executionAsyncResource() instanceof AsyncResource)) return;
  } catch {
    // A proxy that does not let itself be asked.
    return;
  }
  ground.snapshot = engine.current();
  watchGround();
  isGroundKnown = true;
  base = null;
}

/**
 * A promise is made, or settled, while no callback runs of which the platform has said that it begins: the mapper of `Array.fromAsync` may run, a
 * disposer of an AsyncDisposableStack, or a stack of WebAssembly that goes on. Afterwards V8 makes a promise of the result, or settles
 * one, if not before. The frame knows what is active.
 *
 * What runs next may be another one of these, as nobody tells of their ends. So the core is not told of anything that another thread
 * would take to be active for longer.
 */
function catchUp() {
  if (goesOn && !isInProgram(changePromise)) forgetGround();
  const snapshot = engine.current();
  isGroundKnown = false;
  if (snapshot !== published) {
    isGroundObserved = false;
    publish(snapshot, LATE);
    // Its end isn't reported either: the next reaction that the platform reports forgets it.
    ground.snapshot = snapshot;
    base = snapshot;
    if (snapshot !== undefined) watchGround();
    return;
  }
  writeActive(snapshot);
  // Until now it was this one.
  if (snapshot !== undefined) tell(snapshot, SET);
}

function changePromise() {
  if (top === ground) catchUp();
}

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

function afterUntracked(asyncId) {
  if (!runsPromise()) leaveLevel(asyncId, afterUntracked);
}

/** Makes what sees the platform's switches: promises by V8's own hooks, all else by those of async_hooks. */
function makeHooks() {
  findFrameKey();
  const leavesPromises = canLeavePromises();
  const resources = leavesPromises
    ? createHook({ before: beforeResource, after: leaveLevel, trackPromises: false })
    : createHook({
        // If somebody makes Node.js track promises, these fire for promises as well.
        before: (asyncId) => void (runsPromise() || beforeResource(asyncId)),
        after: afterUntracked,
      });
  let stopPromises;
  return {
    enable() {
      const isPlain = leavesPromises || tracksPromises();
      stopPromises = promiseHooks.createHook({
        init: changePromise,
        before: beforePromise,
        after: leaveLevel,
        settled: changePromise,
      });
      if (isPlain) resources.enable();
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
  if (!engine.switchesItself) {
    hooks ??= makeHooks();
    hooks.enable();
  }
  engine.observe(onEngine);
  isGroundObserved = true;
  onEngine(engine.current(), SET, null);
}

/** Disables everything that is enabled, even after a partial `switchOn`. */
function switchOff() {
  engine.observe(undefined);
  if (!engine.switchesItself) {
    hooks?.disable();
    while (top !== ground) pop();
  }
  forgetGround();
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
