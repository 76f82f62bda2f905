'use strict';

/**
 * The engine for Node.js without AsyncContextFrame. An async resource keeps the snapshot that was active when it was made
 * (`init`); around each of its callbacks that snapshot is active (`before`, `after`).
 */

const { createHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');

const core = require('../binding');
const { safeArray } = require('../safe');

/** Where a resource keeps its snapshot. */
const kSnapshot = Symbol('context.snapshot');

// The core's execution stack, in memory shared with it: src/execution_stack.h has the layout.
const TOP = 0;
const idOf = (level) => 2 * level + 1;
const recordOf = (level) => 2 * level + 2;
let stack = core.growStack();

/** What stands as async id on level 0 where the scope that it belonged to is over. */
const NO_SCOPE = -1;

/** Nothing is switched on before there is a context to be carried. */
let enabled = false;

/** The top level, and the snapshot that is active on it. */
let top = 0;
let active;

/** By level, what is active on it while others are on top. */
const covered = safeArray();
covered[0] = undefined;

function setActive(snapshot) {
  active = snapshot;
  stack[recordOf(top)] = snapshot === undefined ? 0 : snapshot.record;
}

function setTop(level) {
  top = level;
  stack[TOP] = level;
}

/**
 * Sees to level 0, which stands for every scope that has no `before`: the main script, a callback that was running when
 * the hooks were switched on, the handlers of `unhandledRejection`. Each starts with what its resource keeps.
 */
function settleOutermost() {
  const id = executionAsyncId();
  if (id === stack[idOf(0)]) return;
  stack[idOf(0)] = id;
  setActive(executionAsyncResource()?.[kSnapshot]);
}

function init(asyncId, type, triggerAsyncId, resource) {
  if (top === 0) settleOutermost();
  // A resource that is used again, as a timer that is refreshed, may still keep the snapshot of its last use.
  if (active !== undefined || resource[kSnapshot] !== undefined) resource[kSnapshot] = active;
}

function before(asyncId) {
  covered[top] = active;
  setTop(top + 1);
  if (recordOf(top) >= stack.length) stack = core.growStack();
  stack[idOf(top)] = asyncId;
  setActive(executionAsyncResource()?.[kSnapshot]);
}

function after(asyncId) {
  // Mostly the top level. Not so where callbacks on top were left by an exception; and where the hooks were switched on in
  // the middle of a callback, the level is 0 or none at all.
  let level = top;
  while (stack[idOf(level)] !== asyncId) {
    if (level === 0) return;
    level--;
  }
  if (level === 0) {
    stack[idOf(0)] = NO_SCOPE;
    pop(0, undefined);
  } else {
    pop(level - 1, covered[level - 1]);
  }
}

/** Makes a lower level the top, with this snapshot active on it. */
function pop(level, snapshot) {
  while (top > level) {
    setTop(top - 1);
    covered[top] = undefined;
  }
  setActive(snapshot);
}

const hook = createHook({ init, before, after });

/** The snapshot that is active now. */
function current() {
  if (!enabled) return undefined;
  if (top === 0) settleOutermost();
  return active;
}

/**
 * Makes a snapshot the active one, for the rest of the running callback and all that is started in it.
 *
 * @param {Snapshot | undefined} snapshot
 */
function set(snapshot) {
  if (!enabled) {
    enabled = true;
    stack[idOf(0)] = executionAsyncId();
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
