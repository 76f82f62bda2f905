'use strict';

/**
 * Publishes the active snapshot to the core, and to observers in JavaScript, at each switch. Costs nothing while nobody
 * observes.
 *
 * The `async-hooks` engine reports its own switches. With `async-context-frame` the platform switches, so its hooks
 * (platform-hooks.js) are enabled while somebody observes.
 *
 * A callback that began before the first observer came counts as running in the snapshot that was active at that moment, until it
 * ends. Outside all callbacks whose `before` was seen, the core's word is UNKNOWN: handlers of `unhandledRejection` may be
 * running, or the mapper of `Array.fromAsync`, for which the platform calls no hook.
 *
 * Nothing here may throw: an error in a hook ends the process, and can't be caught.
 */

const { AsyncResource, executionAsyncResource } = require('node:async_hooks');

const core = require('../frames/binding');
const { isInProgram } = require('../util/call-sites');
const { inMicrotask } = require('../util/promise');
const engine = require('./index');
const { makePlatformHooks } = require('./platform-hooks');
const { AFTER, BEFORE, END, LATE, SET } = require('./switches');

const { activeWord } = core;

/**
 * Writes the word that names the active record. A thread that reads the word must also see earlier writes to the record: x86
 * keeps stores in order; other processors need an atomic store, which would cost 20 ns on x86.
 */
const keepsOrder = process.arch === 'x64' || process.arch === 'ia32';
const { store: atomicStore } = Atomics;
const writeWord = keepsOrder ? (record) => void (activeWord[0] = record) : (record) => void atomicStore(activeWord, 0, record);

/** The word while it is unknown what runs: kUnknownRecord in src/frame_table.h. */
const UNKNOWN = -1;

/** The observers with a callback. Replaced at each change, so that a running switch is not disturbed. */
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

/** Whether nothing is stored about the code that runs without a level. */
let isGroundForgotten = true;

/** Whether a microtask is scheduled that forgets the code without a level. */
let isForgetScheduled = false;

/** Whether that microtask ran too early: the code without a level ran it itself, and continues. */
let goesOn = false;

/** Whether the snapshot of code without a level is known: it was entered there, and no promise was made or settled since. */
let isGroundKnown = false;

/** Whether that snapshot stays known despite promises, until it is forgotten: the code has called `observe`. */
let isGroundObserved = false;

/** The snapshot before anything was entered there: code that is back in it may end unseen. Null if it can't. */
let base;

/**
 * Publishes the active snapshot, if it has changed.
 *
 * @param {Snapshot | undefined} snapshot
 * @param {number} kind see switches.js
 */
function publish(snapshot, kind) {
  writeActive(snapshot);
  change(snapshot, kind);
}

function change(snapshot, kind) {
  // That a callback begins in no context is reported in any case: until then, observers may charge the previous context.
  if (snapshot === published && (snapshot !== undefined || kind !== BEFORE)) return;
  published = snapshot;
  notify(snapshot, kind);
}

/** Writes the core's word. The record that it names is complete: another thread may read it at once. */
function writeActive(snapshot) {
  if (top === ground && !isGroundKnown && !isGroundObserved) writeWord(UNKNOWN);
  else writeWord(snapshot === undefined ? 0 : snapshot.record);
}

function notify(snapshot, kind) {
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
  // Usually the top level. Levels above it were left by an exception; no level matches if the callback began before the first
  // observer came.
  let level = top;
  while (level !== ground && level.key !== key) level = level.below;
  const last = level === ground ? ground : level.below;
  while (top !== last) pop();
  if (top === ground && isGroundForgotten && level !== ground) {
    // By far the most frequent case.
    writeWord(UNKNOWN);
    change(undefined, END);
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
  // A microtask of its own, so that nothing remains of this at the end of the turn.
  inMicrotask(ignore);
  const snapshot = engine.current();
  onEngine(snapshot, SET, null);
}

/** For the engine that reports its own switches. Its callbacks are no levels here. */
function ownSwitch(snapshot, kind, before) {
  if (kind === LATE) {
    // It has been active until now.
    if (snapshot === published) notify(snapshot, SET);
    return;
  }
  if (!engine.isOutside()) {
    isGroundKnown = true;
  } else {
    if (kind === SET) noteBase(before);
    else if (snapshot === undefined) forgetGround();
    isGroundKnown = snapshot !== base;
    if (kind === AFTER && snapshot === undefined) return publish(snapshot, END);
  }
  publish(snapshot, kind);
}

/** Records what was active, without a level, before something was entered; null if that does not matter. */
function noteBase(before) {
  if (before !== published) base = before;
}

/** For the other engine: a snapshot was made active in the middle of a callback. */
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

/** Called by the engine. */
const onEngine = engine.switchesItself ? ownSwitch : switched;

/** Schedules the code without a level to be forgotten at the end of the turn. */
function watchGround() {
  isGroundForgotten = false;
  if (isForgetScheduled) return;
  isForgetScheduled = true;
  inMicrotask(microtasksRun);
}

/** The code without a level has ended, unless it is still on the stack and runs the microtasks itself (`process._tickCallback()`). */
function microtasksRun() {
  isForgetScheduled = false;
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

/** The platform's hooks, created on first use. */
let hooks;

/**
 * Ends a callback whose `before` was not seen. If it was that of an AsyncResource, its caller continues, in the platform's frame
 * of before.
 */
function leaveUnseen() {
  forgetGround();
  try {
    if (!(executionAsyncResource() instanceof AsyncResource)) return;
  } catch {
    // A proxy threw.
    return;
  }
  ground.snapshot = engine.current();
  watchGround();
  isGroundKnown = true;
  base = null;
}

/**
 * Called if a promise is made or settled outside all levels: the mapper of `Array.fromAsync` may be running, a disposer of an
 * AsyncDisposableStack, or a resumed stack of WebAssembly. V8 makes or settles a promise at their end, if not earlier. The
 * platform's frame shows what is active.
 *
 * Their ends are not reported, so another one may run next: the core's word stays UNKNOWN.
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
  // It has been active until now.
  notify(snapshot, SET);
}

function changePromise() {
  if (top === ground) catchUp();
}

function ignore() {}

function switchOn() {
  activeWord[0] = 0;
  process.on('uncaughtExceptionMonitor', beforeUncaught);
  if (!engine.switchesItself) {
    hooks ??= makePlatformHooks({ before: enterLevel, after: leaveLevel, promiseChanged: changePromise });
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
 *   change after the core's word was written, with a kind: see switches.js. BEFORE without a snapshot comes in any case. SET with
 *   an unchanged snapshot confirms that it has been active until now. Runs inside hooks: must not throw or start asynchronous
 *   operations
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

module.exports = { AFTER, BEFORE, END, LATE, SET, observe };
