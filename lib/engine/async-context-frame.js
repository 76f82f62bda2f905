'use strict';

/**
 * The engine for Node.js with AsyncContextFrame: the platform propagates a frame through asynchronous operations, and an
 * AsyncLocalStorage in that frame holds the snapshot. No hooks are enabled.
 */

const { AsyncLocalStorage } = require('node:async_hooks');

const { findPlatformFrames } = require('./platform-frames');
const { SET } = require('./switches');

const storage = new AsyncLocalStorage();

/** Called after each `set`, with what that replaced; tracker.js sees the platform's own switches. */
let observer;

/** @param {((snapshot: Snapshot | undefined, kind: number, before: Snapshot | undefined) => void) | undefined} callback */
function observe(callback) {
  observer = callback;
}

const found = findPlatformFrames(storage);

/** The platform's active frame, or an empty one to return to: see platform-frames.js. */
function currentPlatformFrame() {
  return found.current() ?? found.emptyFrame;
}

/** Gives the current code a frame to return to, if it has none: see platform-frames.js. */
function prepare() {
  if (found !== undefined && found.current() === undefined) found.set(found.emptyFrame);
}

/** Reactivates a frame of the platform that holds the given snapshot. */
function setPlatformFrame(frame, snapshot) {
  const before = observer === undefined ? undefined : currentInFrame();
  found.set(frame);
  if (observer !== undefined) observer(snapshot, SET, before);
}

const current = found === undefined ? () => storage.getStore() : currentInFrame;

/** Like `getStore`, with one read of the frame instead of two. */
function currentInFrame() {
  const frame = found.current();
  return frame === undefined ? undefined : frame.get(storage);
}

/** Whether a frame of the platform has no store but ours: then nothing needs to be copied from it. */
function hasOnlyOurs(frame) {
  return frame === undefined || frame.size === 0 || (frame.size === 1 && frame.get(storage) !== undefined);
}

/** The platform copies the active frame, and iterating even an empty one costs more than having none. */
function enterFromNone(snapshot) {
  const before = currentPlatformFrame();
  found.set(undefined);
  try {
    storage.enterWith(snapshot);
  } catch (error) {
    // The stack is full.
    found.set(before);
    throw error;
  }
}

/** Makes a snapshot active for the rest of the current callback and everything started in it. */
function set(snapshot) {
  const before = observer === undefined ? undefined : current();
  if (found === undefined || !hasOnlyOurs(found.current())) storage.enterWith(snapshot);
  else if (snapshot === undefined) found.set(found.emptyFrame);
  else enterFromNone(snapshot);
  if (observer !== undefined) observer(snapshot, SET, before);
}

/** The native record of the active snapshot; 0 for none. */
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
