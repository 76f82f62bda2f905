'use strict';

const path = require('node:path');
const { Worker } = require('node:worker_threads');

const fc = require('fast-check');

const { switchOn, tellCore } = require('./beside');
const { Run } = require('./interpreter');
const { firstEntries, programs } = require('./programs');

/** How long one program may take, in milliseconds: most take one or two. */
const TIMEOUT = 10_000;

/**
 * Performs random programs, and compares the namespaces with the oracle at each step.
 *
 * @param {object} options
 * @param {number} options.runs how many programs
 * @param {number} [options.seed] of the random numbers; a new one each time by default
 * @param {string} [options.path] of a failure of this seed, to begin there
 * @param {boolean} [options.told] whether the tracker tells the core at each switch what is active
 * @returns {Promise<void>}
 * @throws {Error} if they differ: with the seed, the path, and the shortest program that was found
 */
async function check({ runs, seed, path: failurePath, told = false }) {
  switchOn();
  const stop = told ? tellCore() : undefined;
  try {
    const property = fc.asyncProperty(programs, (program) => new Run().perform(program));
    await fc.assert(property, { numRuns: runs, seed, path: failurePath, timeout: TIMEOUT });
  } finally {
    stop?.();
  }
}

/** Performs a program in a thread of its own, in which nothing is switched on before. */
function performInThread(workerData) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(path.join(__dirname, 'first-entry.js'), { workerData });
    worker.on('error', reject);
    worker.on('message', (failure) => {
      reject(new Error(failure));
      // What was started beside the program goes on.
      worker.terminate();
    });
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The thread has ended with code ${code}`))));
  });
}

/**
 * Performs random programs that make the first entry of their thread. Options and result are those of `check`. A failure is
 * shown as it was found: making it shorter would take a thread for each try.
 */
function checkFirstEntries({ runs, seed, path: failurePath }) {
  const property = fc.asyncProperty(firstEntries, performInThread);
  return fc.assert(property, { numRuns: runs, seed, path: failurePath, timeout: TIMEOUT, endOnFailure: true });
}

module.exports = { check, checkFirstEntries };
