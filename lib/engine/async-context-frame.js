'use strict';

/**
 * The engine for Node.js with AsyncContextFrame: the platform carries a frame through every asynchronous operation by
 * itself, and one AsyncLocalStorage in that frame carries the snapshot. No hook is switched on.
 */

const { AsyncLocalStorage } = require('node:async_hooks');

const { findPlatformFrames } = require('./platform-frames');

const storage = new AsyncLocalStorage();

/** The snapshot that is active now. */
function current() {
  return storage.getStore();
}

/**
 * Makes a snapshot the active one, for the rest of the running callback and all that is started in it.
 *
 * @param {Snapshot | undefined} snapshot
 */
function set(snapshot) {
  storage.enterWith(snapshot);
}

/** The record of the snapshot that is active now; 0 for none. */
function activeRecord() {
  const snapshot = current();
  return snapshot === undefined ? 0 : snapshot.record;
}

module.exports = { name: 'async-context-frame', activeRecord, current, platformFrames: findPlatformFrames(storage), set };
