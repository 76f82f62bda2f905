'use strict';

/** `node --require context/finder/register app.js`: starts the finder in this thread, as CONTEXT_FINDER says. */

const { isMainThread, parentPort } = require('node:worker_threads');

// The thread of Node.js' loader, which also runs what --require names, is no thread of the program.
const isOfProgram = isMainThread || parentPort !== null;

if (isOfProgram) {
  const { exportsOf } = require('../../copies');

  // The application's copies of the package share this one's namespaces.
  exportsOf('index');
  exportsOf('finder');
  require('./session').begin(process.env);
}
