'use strict';

const { AsyncResource } = require('node:async_hooks');

const { getOwnPropertySymbols } = Object;

/**
 * Finds the functions with which Node.js switches AsyncContextFrames: static `current` and `set` of their class, which only
 * leaks through a property of each AsyncResource. They are used only if they pass a test here. With them, a previous frame is
 * reactivated with all its stores instead of being copied.
 *
 * After a microtask throws, its frame stays active for the next microtask without a frame (V8 skips the reset). So this package
 * never activates `undefined`: outside all stores, `emptyFrame` is active.
 * @param {AsyncLocalStorage} storage not in use yet
 * @returns {{ current: () => Map | undefined, set: (frame: Map) => void, emptyFrame: Map } | undefined} undefined if this
 *   Node.js has no such functions; a frame maps stores to values
 */
function findPlatformFrames(storage) {
  try {
    // Restores the frame that is active now.
    return new AsyncResource('CONTEXT').runInAsyncScope(() =>
      storage.run(storage, () => functionsOf(frameWith(storage), storage)),
    );
  } catch {
    // A different implementation.
    return undefined;
  }
}

/** Finds the active frame, in which the storage's value is itself. */
function frameWith(storage) {
  const resource = new AsyncResource('CONTEXT');
  for (const symbol of getOwnPropertySymbols(resource)) {
    const frame = resource[symbol];
    if (typeof frame?.get === 'function' && frame.get(storage) === storage) return frame;
  }
  return undefined;
}

/** The functions of the frame's class, if they work on the frame, which is active. */
function functionsOf(frame, storage) {
  const { current, set } = frame.constructor;
  if (current() !== frame || typeof frame.size !== 'number') return undefined;
  set(undefined);
  const isOff = storage.getStore() === undefined && current() === undefined;
  set(frame);
  const isOnAgain = storage.getStore() === storage && current() === frame;
  if (!isOff || !isOnAgain) return undefined;
  const emptyFrame = emptied(frame, storage);
  return emptyFrame.size === 0 ? { current, set, emptyFrame } : undefined;
}

/** An empty frame of the same class as one with a single store. */
function emptied(frame, storage) {
  const copy = new frame.constructor(storage, undefined);
  copy.delete(storage);
  return copy;
}

module.exports = { findPlatformFrames };
