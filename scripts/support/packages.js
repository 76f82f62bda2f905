'use strict';

const { execFile, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..', '..');
const shell = process.platform === 'win32';

/**
 * Installs packages from the npm registry into a folder in `.cache/`; does nothing if they are there.
 *
 * @param {string} name of the folder
 * @param {Record<string, string>} dependencies as in a package.json
 * @param {string[]} [options] more options of npm install
 * @returns {Promise<string>} the folder, which has them in its node_modules
 * @throws {Error} that says what to do if they cannot be fetched
 */
async function fetchPackages(name, dependencies, options = []) {
  const folder = path.join(root, '.cache', name);
  const manifest = `${JSON.stringify({ private: true, dependencies }, null, 2)}\n`;
  const file = path.join(folder, 'package.json');
  const done = path.join(folder, 'node_modules', '.installed');
  if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === manifest) return folder;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, manifest);
  const args = ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', ...options];
  try {
    await promisify(execFile)('npm', args, { cwd: folder, shell });
  } catch (cause) {
    throw new Error(
      `${Object.keys(dependencies).join(', ')} could not be fetched: npm ${args.join(' ')} failed.\n` +
        `${(cause.stderr || cause.message).trimEnd()}\nCheck that the npm registry can be reached.`,
      { cause },
    );
  }
  fs.writeFileSync(done, manifest);
  return folder;
}

/**
 * Packs the package as it would be published, with the binary for this platform and those that are in `prebuilds/`.
 *
 * @param {string} folder where to put it
 * @returns {Promise<string>} the path of the tarball
 */
async function packPackage(folder) {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, shell });
  // Its scripts may have written before.
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  return path.join(folder, filename);
}

/**
 * Unpacks a tarball.
 *
 * @param {string} tarball
 * @param {string} folder where to
 * @returns {string} the folder of the package, in that folder
 */
function unpack(tarball, folder) {
  const { status, stderr } = spawnSync('tar', ['-xzf', tarball, '-C', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar -xzf ${tarball} failed: ${stderr}`);
  return path.join(folder, 'package');
}

module.exports = { fetchPackages, packPackage, unpack };
