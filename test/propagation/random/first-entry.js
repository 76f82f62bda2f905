'use strict';

/** A thread that performs one program of `checkFirstEntries`. Sends what went wrong. */

const { parentPort, workerData } = require('node:worker_threads');

const { Run } = require('./interpreter');

new Run().performFirst(workerData).catch((error) => parentPort.postMessage(error.stack));
