#!/usr/bin/env node
'use strict';

/** The command context-leaks: reads a heap snapshot, and says what holds the contexts that have ended. */

const { main } = require('../lib/observing/leaks/cli');

main(process.argv.slice(2)).then((code) => (process.exitCode = code));
