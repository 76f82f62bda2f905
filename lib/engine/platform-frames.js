'use strict';

const { AsyncResource } = require('node:async_hooks');

const { getOwnPropertySymbols } = Object;

/**
 * Looks for the two functions by which Node.js itself switches AsyncContextFrames: `current` and `set` of their class. It hands
 * frames out as a property of each AsyncResource, and nowhere else. They are taken only if they do here what they are for.
 *
 * By them a frame that was left becomes active again as it was, whatever other stores it carries, and need not be copied.
 *
 * @param {AsyncLocalStorage} storage one that is not in use yet
 * @returns {{ current: () => object | undefined, set: (frame: object | undefined) => void } | undefined} undefined if this Node.js
 *   has nothing of the kind
 */
function findPlatformFrames(storage) {
  let found;
  try {
    // Afterwards the frame that is active now is so again.
    new AsyncResource('CONTEXT').runInAsyncScope(() => {
      storage.enterWith(storage);
      found = functionsOf(frameWith(storage), storage);
    });
  } catch {
    // They look otherwise here.
  }
  return found;
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

function functionsOf(frame, storage) {
  const { current, set } = frame.constructor;
  if (current() !== frame) return undefined;
  set(undefined);
  if (storage.getStore() !== undefined || current() !== undefined) return undefined;
  set(frame);
  return storage.getStore() === storage && current() === frame ? { current, set } : undefined;
}

module.exports = { findPlatformFrames };
