'use strict';

const { createHook } = require('node:async_hooks');

const { engine } = require('context');

/** Whether this Node.js has hooks that want no promises: 24 and later. */
function hasTrackPromises() {
  try {
    createHook({ trackPromises: 'neither true nor false' });
    return false;
  } catch {
    return true;
  }
}

/**
 * Whether the engine sets V8's promise hooks on this Node.js, as long as no one else tracks promises (lib/engine/promise-hooks.js).
 * Elsewhere there is nothing of that to be tested.
 */
const hasOwnPromiseHooks = engine === 'async-hooks' && !hasTrackPromises();

module.exports = { hasOwnPromiseHooks };
