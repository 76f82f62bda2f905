'use strict';

/**
 * The engine for Node.js without AsyncContextFrame. An async resource keeps the snapshot that was active when it was made
 * (`init`); around each of its callbacks that snapshot is active (`before`, `after`).
 */

const { createHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');
const { isPromise } = require('node:util/types');

const core = require('../binding');

/** Where a resource keeps its snapshot. */
const kSnapshot = Symbol('context.snapshot');

/** The word in memory shared with the core that says which record is active. It is written last. */
const { activeWord } = core;

/** A callback that runs. Levels are made once, and used again. */
class Level {
  constructor(below) {
    this.asyncId = 0;
    this.snapshot = undefined;
    /** The record of the snapshot, now and when the callback began. */
    this.record = 0;
    this.recordBefore = 0;
    this.below = below;
    this.above = undefined;
  }
}

/** Nothing is switched on before there is a context to be carried. */
let enabled = false;

const outermost = new Level(undefined);

/** The top level: its snapshot is the active one. */
let top = outermost;

function setActive(snapshot) {
  const record = snapshot === undefined ? 0 : snapshot.record;
  top.snapshot = snapshot;
  top.record = record;
  activeWord[0] = record;
}

/** The level above the top one, where there never was one before. */
function growLevels() {
  const level = new Level(top);
  top.above = level;
  return level;
}

/**
 * Sees to level 0, which stands for every scope that has no `before`: the main script, a callback that was running when
 * the hooks were switched on, the handlers of `unhandledRejection`. Each starts with what its resource keeps.
 */
function settleOutermost() {
  const id = executionAsyncId();
  if (id === outermost.asyncId) return;
  outermost.asyncId = id;
  setActive(executionAsyncResource()?.[kSnapshot]);
}

function init(asyncId, type, triggerAsyncId, resource) {
  if (top === outermost) settleOutermost();
  const { snapshot } = top;
  // A resource that is used again, as a timer that is refreshed, may still keep the snapshot of its last use.
  if (snapshot !== undefined || resource[kSnapshot] !== undefined) resource[kSnapshot] = snapshot;
}

function before(asyncId) {
  top = top.above ?? growLevels();
  top.asyncId = asyncId;
  const snapshot = executionAsyncResource()?.[kSnapshot];
  const record = snapshot === undefined ? 0 : snapshot.record;
  top.snapshot = snapshot;
  top.record = record;
  top.recordBefore = record;
  activeWord[0] = record;
}

function after(asyncId) {
  // Mostly the top level. Not so where callbacks on top were left by an exception; and where the hooks were switched on in
  // the middle of a callback, the level is 0 or none at all.
  let level = top;
  while (level.asyncId !== asyncId) {
    if (level === outermost) return;
    level = level.below;
  }
  while (top !== level) pop();
  if (level === outermost) {
    setActive(undefined);
  } else {
    if (level.record !== level.recordBefore) keepWithPromise(level.snapshot);
    pop();
  }
}

/**
 * What a reaction to a promise enters belongs to the promise that it decides: to the `then` of a thenable that it returned,
 * and to the handler of a rejection. All other resources are left as they were, as they may call back again.
 */
function keepWithPromise(snapshot) {
  const resource = executionAsyncResource();
  if (isPromise(resource)) resource[kSnapshot] = snapshot;
}

function pop() {
  top.snapshot = undefined;
  top = top.below;
  activeWord[0] = top.record;
}

const hook = createHook({ init, before, after });

/** The snapshot that is active now. */
function current() {
  if (!enabled) return undefined;
  if (top === outermost) settleOutermost();
  return top.snapshot;
}

/**
 * Makes a snapshot the active one, for the rest of the running callback and all that is started in it.
 *
 * @param {Snapshot | undefined} snapshot
 */
function set(snapshot) {
  if (!enabled) {
    enabled = true;
    outermost.asyncId = executionAsyncId();
    hook.enable();
  }
  setActive(snapshot);
}

/** The record of the snapshot that is active now, as the core has it; 0 for none. */
function activeRecord() {
  current();
  return core.activeRecord();
}

module.exports = { name: 'async-hooks', activeRecord, current, set };
