'use strict';

const { refuseOtherRuntimes } = require('../other-runtimes');

refuseOtherRuntimes('context/finder');

const running = require('./running');

/**
 * What was found so far in this thread, the commonest first.
 * @returns {object[]} see index.d.ts; empty if the finder does not run
 */
function findings() {
  return running.finder?.findings() ?? [];
}

/** Forgets what was found so far. */
function clear() {
  running.finder?.clear();
}

module.exports = { clear, findings };
