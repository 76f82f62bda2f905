'use strict';

const { execFile, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..', '..');
const shell = process.platform === 'win32';

/** Runs npm in a folder in `.cache/`, once for a text that says what is to be there. Returns the folder. */
async function fetchOnce(name, text, { files, args }) {
  const folder = path.join(root, '.cache', name);
  const done = path.join(folder, 'node_modules', '.installed');
  if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === text) return folder;
  fs.mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), content);
  try {
    await promisify(execFile)('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      shell,
    });
  } catch (cause) {
    throw new Error(
      `The packages for .cache/${name} could not be fetched: npm ${args.join(' ')} failed.\n` +
        `${(cause.stderr || cause.message).trimEnd()}\nCheck that the npm registry can be reached.`,
      { cause },
    );
  }
  fs.writeFileSync(done, text);
  return folder;
}

/**
 * Installs what a package.json lists, with its lock file if there is one, into a folder in `.cache/`; does nothing if it is there.
 *
 * @param {string} name of the folder
 * @param {string} from the folder of these files
 * @returns {Promise<string>} the folder, which has the packages in its node_modules
 * @throws {Error} that says what to do if they cannot be fetched
 */
async function fetchListed(name, from) {
  const names = ['package.json', 'package-lock.json'].filter((file) => fs.existsSync(path.join(from, file)));
  const files = Object.fromEntries(names.map((file) => [file, fs.readFileSync(path.join(from, file), 'utf8')]));
  const args = names.length === 2 ? ['ci'] : ['install', '--no-package-lock'];
  return fetchOnce(name, Object.values(files).join(''), { files, args });
}

/**
 * Installs a package that is made for another platform into a folder in `.cache/`; does nothing if it is there.
 *
 * @param {string} name of the folder
 * @param {string} spec of the package, as npm takes it
 * @returns {Promise<string>} the folder, which has the package in its node_modules
 * @throws {Error} that says what to do if it cannot be fetched
 */
async function fetchForeign(name, spec) {
  const files = { 'package.json': '{ "private": true }\n' };
  return fetchOnce(name, spec, { files, args: ['install', '--no-package-lock', '--force', spec] });
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

module.exports = { fetchForeign, fetchListed, packPackage, unpack };
