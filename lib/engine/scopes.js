'use strict';

/**
 * Snapshots entered in scopes without a level, by the scope's resource: the main script, a callback that was running when the
 * hooks were enabled, `unhandledRejection` handlers, callbacks without an async id. Such a scope starts with its resource's
 * snapshot.
 *
 * A scope may end without an event, and others may share its resource. So it is forgotten in a microtask at the end of the
 * turn, or at its `after` event.
 */

const { executionAsyncResource } = require('node:async_hooks');

const { isInProgram } = require('../util/call-sites');
const { SafeWeakMap } = require('../util/primordials');
const { inMicrotask } = require('../util/promise');
const { keepWithPromise, keptBy } = require('./kept-snapshots');
const { ground } = require('./levels');

/** @type {WeakMap<object, { snapshot: Snapshot | undefined, goesOn: boolean }>} */
const scopes = new SafeWeakMap();

/** A cache of the last lookup. */
let lastResource;
let lastScope;

/** The current scope without a level, if anything was entered or left in it. */
function runningScope(resource) {
  if (resource !== lastResource) {
    lastScope = scopes.get(resource);
    lastResource = resource;
  }
  if (lastScope !== undefined && lastScope.goesOn) watchEnd(lastScope, resource);
  return lastScope;
}

/** Schedules a scope to be forgotten in the next microtask. */
function watchEnd(scope, resource) {
  scope.goesOn = false;
  inMicrotask(scopeEnded, resource);
}

/**
 * Runs in a microtask. The scope has ended, unless its code is still on the stack and runs the microtasks itself
 * (`process._tickCallback()`). Then the next access schedules the check again.
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

/** Ends a scope, if anything was entered or left in it. */
function leaveScope(resource) {
  const scope = scopes.get(resource);
  if (scope === undefined) return;
  keepWithPromise(resource, scope.snapshot);
  forgetScope(resource);
}

module.exports = { currentWithoutLevel, leaveScope, setWithoutLevel };
