'use strict';

/**
 * Tells the core, and whoever asks in JavaScript, what runs now: at each switch, while somebody observes. Off, it costs nothing.
 *
 * The `async-hooks` engine switches by itself and says so. With `async-context-frame` the platform switches; here hooks of it
 * are on for as long as somebody observes. In `before` the store is that of the callback already, for all but one kind: an
 * AsyncResource, which has its frame as a property.
 *
 * A callback that began before somebody observed counts as running in what is active at that moment, until it is over. Outside of all
 * callbacks whose beginning was seen the core is told that nobody knows what runs: the handlers of `unhandledRejection` may, or the
 * mapper of `Array.fromAsync`. The platform calls no hook there.
 *
 * Nothing here may throw: an error in a hook ends the process, and nobody can catch it.
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
 * Writes the word that names the active record. Whoever reads the word in another thread must also see what was written to the record
 * before. x86 keeps the order of stores; other processors need an atomic store, which takes 20 ns on x86.
 */
const keepsOrder = process.arch === 'x64' || process.arch === 'ia32';
const { store: atomicStore } = Atomics;
const writeWord = keepsOrder ? (record) => void (activeWord[0] = record) : (record) => void atomicStore(activeWord, 0, record);

/** The word if nobody knows what runs: kUnknownRecord in src/frame_table.h. */
const UNKNOWN = -1;

/** Who observes by a function: a new array with each change, so that one in the middle of a switch is not disturbed. */
let listeners = [];

/** What is active, as it was told last. */
let published;

/** How many observe, those included that only want the core to know. */
let observers = 0;

/** A callback that runs and whose `before` was seen. Levels are made once, and used again. */
class Level {
  constructor(below) {
    this.key = undefined;
    this.snapshot = undefined;
    this.below = below;
    this.above = undefined;
  }
}

Object.setPrototypeOf(Level.prototype, null);

/** Below all levels: what runs without one. It is forgotten at the end of the turn, as that may end without an event. */
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
 * @param {number} kind of the switch: see switches.js
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
  const told = listeners;
  for (let index = 0; index < told.length; index++) {
    const { onSwitch } = told[index];
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
 * The handlers of `uncaughtException` run in what the error came out of: of a microtask, when its level is gone. For promises that
 * are rejected Node.js calls no hook at all.
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
  // After the switch was told: to make a promise has us look at what is active.
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

/** The property in which an AsyncResource has the frame of its callbacks; undefined if this Node.js has none. */
let frameKey;

/** Reads our snapshot from such a frame. */
let snapshotIn;

/** How the platform's switches are seen; undefined until they are for the first time. */
let hooks;

/** Finds the property by what it does: with one of its own, each resource keeps the frame that it was made in. */
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

/** What the callback runs in whose `before` it is. */
function snapshotOfCallback() {
  try {
    const resource = executionAsyncResource();
    // Most resources don't have the property. The class tells that at a fraction of the price.
    if (frameKey !== undefined && resource instanceof AsyncResource && frameKey in resource)
      return snapshotIn(resource[frameKey]);
  } catch {
    // A proxy that does not let itself be asked.
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
    // What ends that is not told either: it is forgotten by a reaction that the platform tells of.
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

/** Whether Node.js tracks promises, because somebody has hooks on: then its hooks tell of them. */
function tracksPromises() {
  return Object.getOwnPropertySymbols(new Promise(ignore)).length > 0;
}

function ignore() {}

/** Whether a hook can be told to leave promises alone. Where it can't, the option is unknown and ignored. */
function canLeavePromises() {
  try {
    createHook({ before: ignore, trackPromises: 0 });
    return false;
  } catch {
    return true;
  }
}

/**
 * Enables a hook without having promises tracked for it: that would make them dearer, and end the process if one of them is frozen
 * (Node.js 22). Node.js calls `createHook` of this very object to have them tracked.
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
        // Once somebody else has promises tracked, these are called for them too.
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

/** Switches off what is on: all of it, or what was before something threw. */
function switchOff() {
  engine.observe(undefined);
  if (!engine.switchesItself) {
    hooks?.disable();
    while (top !== ground) pop();
  }
  forgetGround();
  published = undefined;
  activeWord[0] = 0;
  // At last, as the program may listen for it, and throw.
  process.removeListener('uncaughtExceptionMonitor', beforeUncaught);
}

/**
 * Has the core know what runs now, from here on until the function that is returned is called. Any number may observe at a time.
 *
 * @param {(snapshot: Snapshot | undefined, kind: number) => void} [onSwitch] is called each time that something else is active,
 *   after the core knows, and once at first with what is active now: with what is active from here on, and with BEFORE if a callback
 *   begins, AFTER if one is over (what is active is that of the callback around it then; undefined outside of all), SET if it changes
 *   in the middle of one, LATE if it has been so for a while. SET comes once more with the same if it is sure that it was that until now.
 *   It is called in the middle of hooks: it must not throw, nor call any of Node.js that has an asynchronous end
 * @returns {() => void} stops observing; calling it again does nothing
 * @throws {unknown} what the program throws that listens for listeners of `process`: then nothing has changed. Whoever may be called near
 *   the end of the stack reserves some of it before: see lib/util/stack.js
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
