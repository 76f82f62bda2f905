'use strict';

const { refuseElsewhere } = require('../util/runtime');

/**
 * Refuses an entry point on other runtimes, before anything of it is loaded: these have neither hooks that fire nor a loop of libuv's.
 *
 * @param {string} entryPoint
 * @throws {Error} with code ERR_CONTEXT_RUNTIME on any runtime but Node.js
 */
function refuseOtherRuntimes(entryPoint) {
  refuseElsewhere(entryPoint, 'nothing tells there what runs at a moment, as async hooks do on Node.js. Run it on Node.js.');
}

module.exports = { refuseOtherRuntimes };
