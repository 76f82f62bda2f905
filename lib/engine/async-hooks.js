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

// The core's execution stack, in memory shared with it: src/execution_stack.h has the layout.
const TOP = 0;
let stack = core.growStack();

/** The JavaScript half of a level of the execution stack. Levels are made once, and used again. */
class Level {
  constructor(number, below) {
    this.number = number;
    this.idIndex = 2 * number + 1;
    this.recordIndex = 2 * number + 2;
    this.snapshot = undefined;
    this.recordBefore = 0;
    this.below = below;
    this.above = undefined;
  }
}

/** Nothing is switched on before there is a context to be carried. */
let enabled = false;

const outermost = new Level(0, undefined);

/** The top level: its snapshot is the active one. */
let top = outermost;

function setActive(snapshot) {
  top.snapshot = snapshot;
  stack[top.recordIndex] = snapshot === undefined ? 0 : snapshot.record;
}

/** The level above the top one, where there never was one before. */
function growLevels() {
  const level = new Level(top.number + 1, top);
  if (level.recordIndex >= stack.length) stack = core.growStack();
  top.above = level;
  return level;
}

/**
 * Sees to level 0, which stands for every scope that has no `before`: the main script, a callback that was running when
 * the hooks were switched on, the handlers of `unhandledRejection`. Each starts with what its resource keeps.
 */
function settleOutermost() {
  const id = executionAsyncId();
  if (id === stack[outermost.idIndex]) return;
  stack[outermost.idIndex] = id;
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
  stack[TOP] = top.number;
  stack[top.idIndex] = asyncId;
  const snapshot = executionAsyncResource()?.[kSnapshot];
  const record = snapshot === undefined ? 0 : snapshot.record;
  top.snapshot = snapshot;
  top.recordBefore = record;
  stack[top.recordIndex] = record;
}

function after(asyncId) {
  // Mostly the top level. Not so where callbacks on top were left by an exception; and where the hooks were switched on in
  // the middle of a callback, the level is 0 or none at all.
  let level = top;
  while (stack[level.idIndex] !== asyncId) {
    if (level === outermost) return;
    level = level.below;
  }
  while (top !== level) pop();
  if (level === outermost) {
    setActive(undefined);
  } else {
    if (stack[level.recordIndex] !== level.recordBefore) keepWithPromise(level.snapshot);
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
  stack[TOP] = top.number;
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
    stack[outermost.idIndex] = executionAsyncId();
    hook.enable();
  }
  setActive(snapshot);
}

/** The record of the snapshot that is active now, as the core's execution stack has it; 0 for none. */
function activeRecord() {
  current();
  return core.activeRecord();
}

module.exports = { name: 'async-hooks', activeRecord, current, set };
