'use strict';

const { execFile } = require('node:child_process');
const { existsSync } = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..');
const isWindows = process.platform === 'win32';
const runningMajor = Number.parseInt(process.versions.node, 10);

/** The path of a release's binary, which is fetched from the registry where it isn't there yet. */
async function fetch(major) {
  if (major === runningMajor) return process.execPath;
  const folder = path.join('.cache', `node-${major}`);
  const binary = path.join(root, folder, 'node_modules', 'node', 'bin', isWindows ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  const args = ['install', '--no-save', '--no-package-lock', '--prefix', folder, `node@${major}`];
  try {
    await promisify(execFile)('npm', args, { cwd: root, shell: isWindows });
  } catch (cause) {
    throw new Error(
      `Node.js ${major} could not be fetched from the registry, by \`npm ${args.join(' ')}\`. Leave it out of ` +
        `--node, or see to what npm said:\n${cause.stderr || cause.message}`,
      { cause },
    );
  }
  return binary;
}

/**
 * A release of Node.js to measure with: the running one for its own major version, else one from the registry, which
 * is kept in .cache.
 *
 * @param {number} major
 * @returns {Promise<{ node: string, version: string, engine: string, engines: string[] }>} the path of its binary; the
 *   engine that this package chooses with it, and all that it has
 * @throws {Error} where it can't be fetched, or the package does not load
 */
async function release(major = runningMajor) {
  const node = await fetch(major);
  const program = "console.log(JSON.stringify([process.version, require('context').engine]))";
  const { stdout } = await promisify(execFile)(node, ['-e', program], { cwd: root });
  const [version, engine] = JSON.parse(stdout);
  return { node, version, engine, engines: [...new Set(['async-hooks', engine])] };
}

module.exports = { release };
