'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..');
const windows = process.platform === 'win32';

/**
 * A release of Node.js: the running one for its own major version, else one from the npm registry, which is kept in `.cache/`.
 *
 * @param {number} major
 * @returns {Promise<string>} the path of its binary
 * @throws {Error} that says what to do if it cannot be fetched
 */
async function fetchNode(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  // Relative, so that no shell sees a space in it.
  const prefix = path.join('.cache', `node-${major}`);
  const binary = path.join(root, prefix, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
  if (fs.existsSync(binary)) return binary;
  fs.mkdirSync(path.join(root, prefix), { recursive: true });
  const args = ['install', '--no-save', '--no-package-lock', '--prefix', prefix, `node@${major}`];
  try {
    await promisify(execFile)('npm', args, { cwd: root, shell: windows });
  } catch (cause) {
    throw new Error(
      `Node.js ${major} could not be fetched: npm ${args.join(' ')} failed.\n${(cause.stderr || cause.message).trimEnd()}\n` +
        `Check that the npm registry can be reached, or leave this release out.`,
      { cause },
    );
  }
  return binary;
}

module.exports = { fetchNode };
