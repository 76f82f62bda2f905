'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { fetchInCache } = require('./support/cache');

const executable = process.platform === 'win32' ? 'node.exe' : 'node';

/**
 * A release of Node.js: the running one for its own major version, else one from the npm registry, which is kept in `.cache/`.
 *
 * @param {number} major
 * @returns {Promise<string>} the path of its binary
 * @throws {Error} that says what to do if it cannot be fetched
 */
async function fetchNode(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  return fetchInCache(`node-${major}`, [`node@${major}`], `Node.js ${major}`, (modules) => {
    const binary = path.join(modules, 'node', 'bin', executable);
    return fs.existsSync(binary) ? binary : undefined;
  });
}

module.exports = { fetchNode };
