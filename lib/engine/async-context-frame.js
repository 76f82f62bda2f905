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

const isObserved = () => observer !== undefined;

const found = findPlatformFrames(storage);

/** The platform's active frame, or an empty one to return to: see platform-frames.js. */
function currentPlatformFrame() {
  return found.current() ?? found.emptyFrame;
}

/** Gives the current code a frame to return to, if it has none: see platform-frames.js. */
function prepare() {
  if (found !== undefined && found.current() === undefined) found.set(found.emptyFrame);
}

/** Activates a frame of the platform that holds the given snapshot. If this throws, nothing has changed. */
function setPlatformFrame(frame, snapshot) {
  const before = observer === undefined ? undefined : currentInFrame();
  found.set(frame);
  try {
    observer?.(snapshot, SET, before);
  } catch {
    // The stack is full: the observer hears of the next switch.
  }
}

const current = found === undefined ? () => storage.getStore() : currentInFrame;

/** Like `getStore`, with one read of the frame instead of two. */
function currentInFrame() {
  const frame = found.current();
  return frame === undefined ? undefined : frame.get(storage);
}

/** Without the platform's functions. */
function setInStorage(snapshot) {
  const before = observer === undefined ? undefined : storage.getStore();
  storage.enterWith(snapshot);
  try {
    observer?.(snapshot, SET, before);
  } catch {
    // The stack is full: the observer hears of the next switch.
  }
}

/** Makes a snapshot active for the rest of the current callback and everything started in it. If this throws, nothing has changed. */
function set(snapshot) {
  if (found === undefined) setInStorage(snapshot);
  else setPlatformFrame(found.frameWith(snapshot), snapshot);
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
  isObserved,
  observe,
  platformFrames: found && { current: currentPlatformFrame, frameWith: found.frameWith, set: setPlatformFrame },
  prepare,
  set,
  storage,
};
