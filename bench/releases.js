'use strict';

const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');

const { fetchNode } = require('../scripts/fetch-node');

const root = path.join(__dirname, '..');
const runningMajor = Number.parseInt(process.versions.node, 10);

/**
 * A release of Node.js to measure with: the running one for its own major version, else one from the registry, which
 * is kept in .cache.
 *
 * @param {number} major
 * @returns {Promise<{ node: string, version: string, engine: string, engines: string[] }>} the path of its binary; the
 *   engine that this package chooses with it, and all that it has
 * @throws {Error} if it can't be fetched, or the package does not load
 */
async function release(major = runningMajor) {
  const node = await fetchNode(major);
  const program = "console.log(JSON.stringify([process.version, require('context').engine]))";
  const { stdout } = await promisify(execFile)(node, ['-e', program], { cwd: root });
  const [version, engine] = JSON.parse(stdout);
  return { node, version, engine, engines: [...new Set(['async-hooks', engine])] };
}

module.exports = { release };
