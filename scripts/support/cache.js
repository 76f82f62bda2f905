'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..', '..');
const windows = process.platform === 'win32';

/**
 * Installs a package in a folder of `.cache/`, if it is not there.
 *
 * @param {string} folder in `.cache/`
 * @param {string[]} request for npm: `node@22`, and options
 * @param {string} what it is, for the message if it cannot be fetched
 * @param {(modules: string) => string | undefined} find the wanted file in its `node_modules`, if it is there
 * @returns {Promise<string>} the path of that file
 * @throws {Error} that says what to do if it cannot be fetched
 */
async function fetchInCache(folder, request, what, find) {
  // Relative, so that no shell sees a space in it.
  const prefix = path.join('.cache', folder);
  const modules = path.join(root, prefix, 'node_modules');
  const there = find(modules);
  if (there !== undefined) return there;
  fs.mkdirSync(path.join(root, prefix), { recursive: true });
  const args = ['install', '--no-save', '--no-package-lock', '--prefix', prefix, ...request];
  const advice = 'Check that the npm registry can be reached, or leave this release out.';
  try {
    await promisify(execFile)('npm', args, { cwd: root, shell: windows });
  } catch (cause) {
    const output = (cause.stderr || cause.message).trimEnd();
    throw new Error(`${what} could not be fetched: npm ${args.join(' ')} failed.\n${output}\n${advice}`, { cause });
  }
  const fetched = find(modules);
  if (fetched === undefined) throw new Error(`${what} could not be fetched: npm has no binary for this platform.\n${advice}`);
  return fetched;
}

module.exports = { fetchInCache };
