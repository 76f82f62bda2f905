'use strict';

const { runNode } = require('../../support/child');

const prelude = `
  const { EventEmitter } = require('events');
  const domain = require(process.env.DOMAIN_MODULE);
  const log = (...args) => console.log(...args);
  const got = (name) => {
    const d = domain.create();
    d.on('error', (error) => log(name, 'got', error?.message ?? error, error?.domainThrown, error?.domain === d));
    return d;
  };
  const throwing = (name) => {
    const d = domain.create();
    d.on('error', (error) => {
      log(name, 'throws', error.message);
      throw new Error(name + ' after ' + error.message);
    });
    return d;
  };
`;

/** How Node.js reports an uncaught error: an Error as what it says, anything else as that. */
const reports = /^(?:Uncaught:|\S*Error\b.*)$/gm;

/**
 * Runs a program with one of the modules.
 *
 * @param {string} module what to require
 * @param {string} program see programs.js for what it finds
 * @returns {Promise<{ code: number, stdout: string, reports: string[] }>} its exit code, what it printed, and which
 *   errors Node.js reported
 */
async function outcomeOf(module, program) {
  const { code, stdout, stderr } = await runNode(prelude + program, { DOMAIN_MODULE: module });
  return { code, stdout, reports: stderr.match(reports) ?? [] };
}

/**
 * Calls a function for each item, a few of them at a time.
 *
 * @template T, R
 * @param {T[]} items
 * @param {(item: T) => Promise<R>} callback
 * @returns {Promise<R[]>} the results, in the order of the items
 */
async function mapConcurrently(items, callback) {
  const results = [];
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await callback(items[index]);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return results;
}

module.exports = { mapConcurrently, outcomeOf };
