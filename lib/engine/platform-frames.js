'use strict';

const { AsyncResource } = require('node:async_hooks');

const { getOwnPropertySymbols } = Object;

/**
 * Looks for the two functions by which Node.js itself switches AsyncContextFrames: `current` and `set` of their class. It hands
 * frames out as a property of each AsyncResource, and nowhere else. They are taken only if they do here what they are for.
 *
 * By them a frame that was left becomes active again as it was, whatever other stores it carries, and need not be copied.
 *
 * A microtask that throws leaves its frame active for the next microtask that has none of its own (V8 skips the reset). So nothing
 * here makes `undefined` the active frame again: outside of all stores it is `emptyFrame`.
 *
 * @param {AsyncLocalStorage} storage one that is not in use yet
 * @returns {{ current: () => Map | undefined, set: (frame: Map) => void, emptyFrame: Map } | undefined} undefined if this Node.js
 *   has nothing of the kind; a frame is a map of the values by the stores
 */
function findPlatformFrames(storage) {
  try {
    // Afterwards the frame that is active now is so again.
    return new AsyncResource('CONTEXT').runInAsyncScope(() =>
      storage.run(storage, () => functionsOf(frameWith(storage), storage)),
    );
  } catch {
    // They look otherwise here.
    return undefined;
  }
}

/** The frame that is active now, in which a store has itself as its value. */
function frameWith(storage) {
  const resource = new AsyncResource('CONTEXT');
  for (const symbol of getOwnPropertySymbols(resource)) {
    const frame = resource[symbol];
    if (typeof frame?.get === 'function' && frame.get(storage) === storage) return frame;
  }
  return undefined;
}

/** The functions of a frame's class, if they do what they are for. They are tried on the frame, which is the active one. */
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

/** A frame without stores, of the class of another one that has a single store. */
function emptied(frame, storage) {
  const copy = new frame.constructor(storage, undefined);
  copy.delete(storage);
  return copy;
}

module.exports = { findPlatformFrames };
