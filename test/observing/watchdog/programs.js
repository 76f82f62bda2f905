'use strict';

/** Programs that are watched, in a process of their own. */

const programs = require('../programs');

/** What all of them begin with. */
const HEAD = `
  const { createNamespace } = require('context');
  const { start } = require('context/watchdog');
  const assert = require('node:assert');
  const fs = require('node:fs');
  const { Worker } = require('node:worker_threads');
  function block(ms) {
    for (const end = performance.now() + ms; performance.now() < end;);
  }
`;

module.exports = {
  HEAD,
  itRuns: (texts, options) => programs.itRuns(texts, { head: HEAD, ...options }),
  outputOf: (program, options) => programs.outputOf(HEAD + program, options),
  run: (program, options) => programs.run(HEAD + program, options),
};
