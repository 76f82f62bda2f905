'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const fc = require('fast-check');

const { observeCore, switchOn } = require('./beside');
const { Run } = require('./interpreter');
const { firstEntries, programs } = require('./programs');

/**
 * How long one program may take, in milliseconds. Most take one or two; what waits for the collector takes several full collections, which
 * are slow in a large process on a busy machine.
 */
const TIMEOUT = 60_000;

/**
 * Performs random programs, and compares the namespaces with the oracle at each step.
 *
 * @param {object} options
 * @param {number} options.runs how many programs
 * @param {number} [options.seed] of the random numbers; a new one each time by default
 * @param {string} [options.path] of a failure of this seed, to begin there
 * @param {boolean} [options.observed] whether somebody observes, so that the core has to know at each switch what is active
 * @returns {Promise<void>}
 * @throws {Error} if they differ: with the seed, the path, and the shortest program that was found
 */
async function check({ runs, seed, path: failurePath, observed = false }) {
  switchOn();
  const stop = observed ? observeCore() : undefined;
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

/** A thread that performs the half of programs; see half.js. */
class Half {
  #worker;
  #number = 0;

  constructor(workerData) {
    this.#worker = new Worker(path.join(__dirname, 'half.js'), { workerData });
    this.#worker.on('error', () => {});
  }

  async perform(message) {
    const number = ++this.#number;
    this.#worker.postMessage({ ...message, number });
    let result;
    // If a program took too long, its result comes when another one is being performed.
    do [result] = await once(this.#worker, 'message');
    while (result.number !== number);
    if (result.failure !== undefined) throw new Error(result.failure);
    return result;
  }

  end() {
    return this.#worker.terminate();
  }
}

/** How often a program is performed whose callbacks come in another order in each thread. */
const TRIES = 10;

const stepsOf = (notes) => notes.map(([step]) => step).join();

/**
 * Performs random programs in two threads, with the oracle in one and the namespaces in the other, and compares what they note. So
 * the namespaces can be alone, or beside others that switch hooks on and off at random.
 *
 * @param {object} options `runs`, `seed` and `path` are those of `check`
 * @param {boolean} [options.others] whether others come and go; then each program has the namespaces in a new thread
 * @returns {Promise<{ compared: number, undecided: number, tracked: number }>} how many programs were compared, how many had their
 *   callbacks in another order each time, and in how many of those compared Node.js tracked promises at the end
 */
async function checkApart({ runs, seed, path: failurePath, others = false }) {
  const counts = { compared: 0, undecided: 0, tracked: 0 };
  const oracle = new Half({ half: 'OracleAlone' });
  const start = () => new Half({ half: 'NamespacesAlone' });
  let namespaces = start();
  const performBoth = async (program, otherSeed) => {
    for (let tries = 0; tries < TRIES; tries++) {
      if (others) {
        await namespaces.end();
        namespaces = start();
      }
      const expected = await oracle.perform({ program });
      let actual;
      try {
        actual = await namespaces.perform({ program, seed: others ? otherSeed : undefined });
      } catch (error) {
        // Node.js itself throws, if a hook of others has no init and a promise takes no property.
        if (others && error.message.includes('async_id_symbol')) break;
        throw error;
      }
      if (stepsOf(expected.notes) !== stepsOf(actual.notes)) continue;
      counts.compared++;
      counts.tracked += Number(actual.isTracked);
      assert.deepStrictEqual(actual.notes, expected.notes);
      return;
    }
    counts.undecided++;
  };
  try {
    await fc.assert(fc.asyncProperty(programs, fc.integer(), performBoth), {
      numRuns: runs,
      seed,
      path: failurePath,
      timeout: TRIES * TIMEOUT,
      endOnFailure: others,
    });
  } finally {
    await Promise.all([oracle.end(), namespaces.end()]);
  }
  return counts;
}

module.exports = { check, checkApart, checkFirstEntries };
