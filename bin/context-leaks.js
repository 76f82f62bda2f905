#!/usr/bin/env node
'use strict';

/** The command context-leaks: reads a heap snapshot, and prints what keeps ended contexts in memory. */

const { main } = require('../lib/observing/leaks/cli');

main(process.argv.slice(2)).then((code) => (process.exitCode = code));
