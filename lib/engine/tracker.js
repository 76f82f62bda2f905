'use strict';

/**
 * Tells the core, and whoever asks in JavaScript, what runs now: at each switch, while somebody observes. Off, it costs nothing.
 *
 * The `async-hooks` engine switches by itself and says so. With `async-context-frame` the platform switches; here hooks of it
 * are on for as long as somebody observes. In `before` the store is that of the callback already, for all but one kind: an
 * AsyncResource, which has its frame as a property.
 *
 * A callback that began before somebody observed counts as running in what is active at that moment, until it is over. In the
 * handlers of `unhandledRejection` the platform calls no hook: nothing is active for the core there.
 *
 * Nothing here may throw: an error in a hook ends the process, and nobody can catch it.
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
 * Writes the word that names the active record. Whoever reads the word in another thread must also see what was written to the record
 * before. x86 keeps the order of stores; other processors need an atomic store, which takes 20 ns on x86.
 */
const keepsOrder = process.arch === 'x64' || process.arch === 'ia32';
const { store: atomicStore } = Atomics;
const writeWord = keepsOrder ? (record) => void (activeWord[0] = record) : (record) => void atomicStore(activeWord, 0, record);

/** Who observes by a function: a new array with each change, so that one in the middle of a switch is not disturbed. */
let listeners = [];

/** What is active, as it was notified last. */
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

/** Whether a microtask is on its way that willForget what runs without a level. */
let willForget = false;

/**
 * Says what is active from here on, if it is something else. The record is complete before the word that names it: another thread may read it at once.
 *
 * @param {Snapshot | undefined} snapshot
 * @param {number} kind of the switch: see switches.js
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
  // Mostly the top level. Not so if callbacks on top were left by an exception; there is none if it began before anybody observed.
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
 * The handlers of `uncaughtException` run in what the error came out of: of a microtask, when its level is gone. For promises that
 * are rejected Node.js calls no hook at all.
 */
function beforeUncaught() {
  const snapshot = engine.current();
  if (engine.switchesItself) publish(snapshot, SET);
  else switched(snapshot);
  // A switch of its own, so that nothing of it is left at the end of the turn.
  inMicrotask(ignore);
}

/** For the engine: what was made active in the middle of a callback. */
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
 * What goes on when a callback is over whose `before` was not seen. If it was that of an AsyncResource, that is the code by which it was
 * called, and the platform's frame is that one's again.
 */
function snapshotAroundCallback() {
  try {
    return executionAsyncResource() instanceof AsyncResource ? engine.current() : undefined;
  } catch {
    // A proxy that does not let itself be asked.
    return undefined;
  }
}

/**
 * A promise is made, or settled, while no callback runs of which the platform has said that it begins: the mapper of `Array.fromAsync` may run, a
 * disposer of an AsyncDisposableStack, or a stack of WebAssembly that goes on. Afterwards V8 makes a promise of the result, or settles
 * one, if not before. The frame knows what is active.
 */
function catchUp() {
  const snapshot = engine.current();
  if (snapshot !== published) {
    publish(snapshot, LATE);
    // What ends that is not notified either: it is forgotten by a reaction that the platform tells of.
    setGround(snapshot);
  } else if (snapshot !== undefined) {
    // Until now it was this one.
    notify(snapshot, SET);
  }
}

const changePromise = () => void (top === ground && catchUp());
const beforeResource = (asyncId) => enterLevel(asyncId, snapshotOfCallback());
const beforePromise = (promise) => enterLevel(promise, engine.current());

/** Whether Node.js tracks promises, because somebody has hooks on: then its hooks tell of them. */
function tracksPromises() {
  return Object.getOwnPropertySymbols(new Promise(ignore)).length > 0;
}

function ignore() {}

/** Whether a hook can be notified to leave promises alone. Where it can't, the option is unknown and ignored. */
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

/** Makes what sees the platform's switches: promises by V8's own hooks, all else by those of async_hooks. */
function makeHooks() {
  findFrameKey();
  const leavesPromises = canLeavePromises();
  const resources = leavesPromises
    ? createHook({ before: beforeResource, after: leaveLevel, trackPromises: false })
    : createHook({
        // Once somebody else has promises tracked, these are called for them too.
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

/** Switches off what is on: all of it, or what was before something threw. */
function switchOff() {
  engine.observe(undefined);
  if (!engine.switchesItself) {
    hooks?.disable();
    while (top !== ground) pop();
    ground.snapshot = undefined;
  }
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
