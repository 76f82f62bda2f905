#!/usr/bin/env node
'use strict';

/** The command context-find: runs a program with the finder. */

const { main } = require('../lib/observing/finder/command');

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`context-find: ${error.message}. See context-find --help\n`);
  process.exitCode = 2;
});
