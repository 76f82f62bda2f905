'use strict';

const fc = require('fast-check');

const { Run } = require('./interpreter');
const { programs } = require('./programs');

/** How long one program may take, in milliseconds: most take one or two. */
const TIMEOUT = 10_000;

/**
 * Performs random programs, and compares the namespaces with the oracle at each step.
 *
 * @param {object} options
 * @param {number} options.runs how many programs
 * @param {number} [options.seed] of the random numbers; a new one each time by default
 * @param {string} [options.path] of a failure of this seed, to begin there
 * @returns {Promise<void>}
 * @throws {Error} where they differ: with the seed, the path, and the shortest program that was found
 */
function check({ runs, seed, path }) {
  const property = fc.asyncProperty(programs, (program) => new Run().perform(program));
  return fc.assert(property, { numRuns: runs, seed, path, timeout: TIMEOUT });
}

module.exports = { check };
