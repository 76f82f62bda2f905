'use strict';

const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');

const { getOwnPropertySymbols } = Object;
const { construct } = Reflect;

// The application may replace the global later.
const BaseMap = Map;
const NO_ARGUMENTS = [];

/**
 * Finds the functions with which Node.js switches AsyncContextFrames: static `current` and `set` of their class, which only
 * leaks through a property of each AsyncResource. They are used only if they pass a test here. With them, a previous frame is
 * reactivated with all its stores instead of being copied.
 *
 * After a microtask throws, its frame stays active for the next microtask without a frame (V8 skips the reset). So this package
 * never activates `undefined`: outside all stores, `emptyFrame` is active.
 *
 * `frameWith` makes a copy of the active frame in which the storage has a value. The class' constructor would copy by iteration, which
 * takes twice as long, and four times as long if nothing but the storage is in the frame.
 * @param {AsyncLocalStorage} storage not in use yet
 * @returns {{ current: () => Map | undefined, set: (frame: Map) => void, emptyFrame: Map, frameWith: (value: unknown) => Map } |
 *   undefined} undefined if this Node.js has no such functions; a frame maps stores to values
 */
function findPlatformFrames(storage) {
  try {
    // Restores the frame that is active now.
    return new AsyncResource('CONTEXT').runInAsyncScope(() =>
      storage.run(storage, () => {
        const resource = new AsyncResource('CONTEXT');
        return functionsOf(resource[frameKeyOf(resource, storage, storage)], storage);
      }),
    );
  } catch {
    // A different implementation.
    return undefined;
  }
}

/**
 * Finds the property in which a resource holds the frame that it was created in.
 * @param {AsyncResource} resource
 * @param {AsyncLocalStorage} storage
 * @param {object} store the storage's value in that frame, by which it is recognised
 * @returns {symbol | undefined} undefined if this Node.js has none
 */
function frameKeyOf(resource, storage, store) {
  return getOwnPropertySymbols(resource).find((key) => {
    const frame = resource[key];
    return typeof frame?.get === 'function' && frame.get(storage) === store;
  });
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
  const { emptyFrame, frameWith } = makersOf(frame.constructor, storage);
  const isExtended = () => storage.getStore() === emptyFrame && current().size === frame.size + 1;
  set(frameWith(emptyFrame));
  const isCarried = new AsyncLocalStorage().run(storage, isExtended);
  set(frame);
  return isCarried && emptyFrame.size === 0 ? { current, set, emptyFrame, frameWith } : undefined;
}

/** Makes frames of the class without its constructor. */
function makersOf(FrameClass, storage) {
  const newFrame = () => construct(BaseMap, NO_ARGUMENTS, FrameClass);
  const emptyFrame = newFrame();
  function frameWith(value) {
    const before = FrameClass.current();
    const others = before === undefined ? 0 : before.size - (before.get(storage) === undefined ? 0 : 1);
    if (others === 0 && value === undefined) return emptyFrame;
    const frame = newFrame();
    if (others > 0) before.forEach(addTo, frame);
    // Also undefined, as `enterWith` does: the order of the stores stays.
    frame.set(storage, value);
    return frame;
  }
  return { emptyFrame, frameWith };
}

/** @this {Map} */
function addTo(value, store) {
  this.set(store, value);
}

module.exports = { findPlatformFrames, frameKeyOf };
