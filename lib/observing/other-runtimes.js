'use strict';

const { refuseElsewhere } = require('../util/runtime');

/**
 * Throws an error with code ERR_CONTEXT_RUNTIME on runtimes other than Node.js, before anything else is loaded: they lack
 * working hooks and a libuv loop.
 */
function refuseOtherRuntimes(entryPoint) {
  refuseElsewhere(entryPoint, 'it has no working async hooks, which show what is running. Run it on Node.js.');
}

module.exports = { refuseOtherRuntimes };
