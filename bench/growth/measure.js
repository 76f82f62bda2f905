'use strict';

const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');

const { cases } = require('./cases');

/** How long one process may take, in milliseconds: what is linear takes well below a second. */
const TIMEOUT = 60_000;

/**
 * Measures a case.
 *
 * @param {number} index of the case
 * @param {object} [options]
 * @param {number[]} [options.factors] with how many times its size
 * @param {number} [options.rounds] how often each; the least of them counts
 * @returns {Promise<Array<{ size: number, time: number | undefined, error?: string }>>} the times of the processor in
 *   milliseconds; undefined if it failed or took too long
 */
async function measure(index, { factors = [1, 2, 4], rounds = 1 } = {}) {
  const results = [];
  for (const factor of factors) {
    const result = { size: factor * cases[index].size, time: undefined };
    for (let round = 0; round < rounds && result.error === undefined; round++) {
      const args = [path.join(__dirname, 'child.js'), String(index), String(result.size)];
      try {
        const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT });
        result.time = Math.min(result.time ?? Infinity, Number(stdout));
      } catch ({ killed, stderr }) {
        result.error = killed ? `takes longer than ${TIMEOUT / 1000} s` : /^\S*Error.*/m.exec(stderr)?.[0];
      }
    }
    results.push(result);
  }
  return results;
}

module.exports = { measure };
