'use strict';

/**
 * The engine for Node.js with AsyncContextFrame: the platform carries a frame through every asynchronous operation by
 * itself, and one AsyncLocalStorage in that frame carries the snapshot. No hook is switched on.
 */

const { AsyncLocalStorage } = require('node:async_hooks');

const { findPlatformFrames } = require('./platform-frames');
const { SET } = require('./switches');

const storage = new AsyncLocalStorage();

/** Who is told of what is set, and what it replaces; the platform's own switches are seen by tracker.js. */
let observer;

/** @param {((snapshot: Snapshot | undefined, kind: number, before: Snapshot | undefined) => void) | undefined} callback */
function observe(callback) {
  observer = callback;
}

const found = findPlatformFrames(storage);

/** The active frame of the platform's, or an empty one to return to: see platform-frames.js. */
function currentPlatformFrame() {
  return found.current() ?? found.emptyFrame;
}

/** Gives what runs now, and all that it starts, a frame, if it has none: see platform-frames.js. */
function prepare() {
  if (found !== undefined && found.current() === undefined) found.set(found.emptyFrame);
}

/**
 * Makes a frame of the platform's the active one again.
 *
 * @param {Map} frame
 * @param {Snapshot | undefined} snapshot that it carries
 */
function setPlatformFrame(frame, snapshot) {
  const before = observer === undefined ? undefined : currentInFrame();
  found.set(frame);
  if (observer !== undefined) observer(snapshot, SET, before);
}

/** The snapshot that is active now. */
const current = found === undefined ? () => storage.getStore() : currentInFrame;

/** What `getStore` finds, with one look at the frame in place of two. */
function currentInFrame() {
  const frame = found.current();
  return frame === undefined ? undefined : frame.get(storage);
}

/**
 * Makes a snapshot the active one, for the rest of the running callback and all that is started in it.
 *
 * @param {Snapshot | undefined} snapshot
 */
function set(snapshot) {
  const before = observer === undefined ? undefined : current();
  storage.enterWith(snapshot);
  if (observer !== undefined) observer(snapshot, SET, before);
}

/** The record of the snapshot that is active now; 0 for none. */
function activeRecord() {
  const snapshot = current();
  return snapshot === undefined ? 0 : snapshot.record;
}

module.exports = {
  name: 'async-context-frame',
  switchesItself: false,
  activeRecord,
  current,
  observe,
  platformFrames: found && { current: currentPlatformFrame, set: setPlatformFrame },
  prepare,
  set,
  storage,
};
