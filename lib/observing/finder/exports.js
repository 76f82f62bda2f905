'use strict';

const { refuseOtherRuntimes } = require('../other-runtimes');

refuseOtherRuntimes('context/finder');

const running = require('./running');

/** What was found so far in this thread, the commonest first: see index.d.ts. Empty if the finder does not run. */
const findings = () => running.finder?.report().findings ?? [];

/** Forgets what was found so far. */
const clear = () => running.finder?.clear();

module.exports = { clear, findings };
