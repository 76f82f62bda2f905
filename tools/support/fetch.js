'use strict';

/** Fetches packages from the npm registry, kept in `.cache/`; and packs this package as it would be published. */

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { capture, root } = require('./run');

const shell = process.platform === 'win32';
const suffix = shell ? '.exe' : '';

const INSTALL = ['install', '--no-package-lock', '--ignore-scripts'];

const readIfPresent = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined);

/**
 * Runs npm in a folder of `.cache/`, unless that is up to date.
 * @param {string} name of the folder
 * @param {string[]} args for npm
 * @param {object} [options]
 * @param {Record<string, string>} [options.files] written into the folder first
 * @param {(modules: string) => string | undefined} [options.find] finds the wanted file in node_modules. Without it, the folder
 *   is up to date if the same arguments and files have produced it
 * @returns {Promise<string>} the path of the wanted file, or of the folder
 * @throws {Error} with advice
 */
async function fetchInCache(name, args, { files = { 'package.json': '{ "private": true }\n' }, find } = {}) {
  const folder = path.join(root, '.cache', name);
  const modules = path.join(folder, 'node_modules');
  const done = path.join(modules, '.installed');
  const text = JSON.stringify([args, files]);
  const found = () => (find ? find(modules) : readIfPresent(done) === text ? folder : undefined);
  if (found() !== undefined) return found();
  console.error(`Installing .cache/${name} …`);
  fs.mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), content);
  try {
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    await promisify(execFile)('npm', [...args, ...quiet], { cwd: folder, shell });
    fs.mkdirSync(modules, { recursive: true });
    fs.writeFileSync(done, text);
    if (found() === undefined) throw new Error('npm has no binary for this platform.');
  } catch (cause) {
    const output = (cause.stderr || cause.message).trimEnd();
    const advice = 'Check that the npm registry can be reached, or leave this out.';
    throw new Error(`.cache/${name} could not be fetched: npm ${args.join(' ')} failed.\n${output}\n${advice}`, { cause });
  }
  return found();
}

/** The path of a Node.js of a major version: the running one, or one from the registry. */
async function fetchNode(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const find = (modules) => [path.join(modules, 'node', 'bin', `node${suffix}`)].find((file) => fs.existsSync(file));
  // A script of this package fetches the binary.
  return fetchInCache(`node-${major}`, ['install', '--no-package-lock', `node@${major}`], { find });
}

/** The npm packages of other runtimes. Each has its binary in an optional dependency per platform. */
const runtimes = {
  __proto__: null,
  bun: { request: 'bun@1', scope: '@oven', binary: path.join('bin', `bun${suffix}`) },
  deno: { request: 'deno@2', scope: '@deno', binary: `deno${suffix}` },
};

/** The path of the binary of another runtime: `bun` or `deno`. */
async function fetchRuntime(name) {
  const { request, scope, binary } = runtimes[name];
  const find = (modules) => {
    const folder = path.join(modules, scope);
    const platforms = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    return platforms.map((platform) => path.join(folder, platform, binary)).find((file) => fs.existsSync(file));
  };
  return fetchInCache(name, [...INSTALL, request], { find });
}

/** Installs the dependencies of a folder's package.json, from its lock file if it has one. Returns the folder in `.cache/`. */
async function fetchListed(name, from) {
  const names = ['package.json', 'package-lock.json', '.npmrc'].filter((file) => fs.existsSync(path.join(from, file)));
  const files = Object.fromEntries(names.map((file) => [file, fs.readFileSync(path.join(from, file), 'utf8')]));
  return fetchInCache(name, 'package-lock.json' in files ? ['ci', '--ignore-scripts'] : INSTALL, { files });
}

/** Installs a package for another platform. Returns its folder in `.cache/`. */
const fetchForeign = (name, spec) => fetchInCache(name, [...INSTALL, '--force', spec]);

/** Packs this package, with the binaries in `prebuilds/`. Returns the path of the tarball. */
async function packPackage(folder) {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, shell });
  // The package's scripts print to stdout, too.
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  return path.join(folder, filename);
}

/** Unpacks a tarball into a folder. Returns the folder of the package in it. */
function unpack(tarball, folder) {
  const { ok, output } = capture('tar', ['-xzf', tarball, '-C', folder]);
  if (!ok) throw new Error(`tar -xzf ${tarball} failed: ${output}`);
  return path.join(folder, 'package');
}

module.exports = { fetchForeign, fetchListed, fetchNode, fetchRuntime, packPackage, unpack };
