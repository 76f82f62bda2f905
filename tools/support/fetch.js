'use strict';

/** What comes from the npm registry and is kept in `.cache/`; and the package as it would be published. */

const { execFile, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..', '..');
const shell = process.platform === 'win32';
const suffix = shell ? '.exe' : '';

const INSTALL = ['install', '--no-package-lock', '--ignore-scripts'];

const readIfThere = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined);

/**
 * Runs npm in a folder of `.cache/`, with some files, unless that has what is wanted: what `find` finds in its node_modules, or without that, what
 * the same arguments and files have made. Returns the path of the file that was found, or of the folder. Throws an error with advice.
 */
async function fetchInCache(name, args, { files = { 'package.json': '{ "private": true }\n' }, find } = {}) {
  const folder = path.join(root, '.cache', name);
  const modules = path.join(folder, 'node_modules');
  const done = path.join(modules, '.installed');
  const text = JSON.stringify([args, files]);
  const there = () => (find ? find(modules) : readIfThere(done) === text ? folder : undefined);
  if (there() !== undefined) return there();
  console.error(`Installing .cache/${name} …`);
  fs.mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), content);
  try {
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    await promisify(execFile)('npm', [...args, ...quiet], { cwd: folder, shell });
    fs.mkdirSync(modules, { recursive: true });
    fs.writeFileSync(done, text);
    if (there() === undefined) throw new Error('npm has no binary for this platform.');
  } catch (cause) {
    const output = (cause.stderr || cause.message).trimEnd();
    const advice = 'Check that the npm registry can be reached, or leave this out.';
    throw new Error(`.cache/${name} could not be fetched: npm ${args.join(' ')} failed.\n${output}\n${advice}`, { cause });
  }
  return there();
}

/** The path of a Node.js: of the running one for its own major version, else of one from the registry. */
async function fetchNode(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const find = (modules) => [path.join(modules, 'node', 'bin', `node${suffix}`)].find((file) => fs.existsSync(file));
  // A script of this package fetches the binary.
  return fetchInCache(`node-${major}`, ['install', '--no-package-lock', `node@${major}`], { find });
}

/** Where the npm packages of other runtimes have their binaries: in an optional dependency for each platform. */
const runtimes = {
  __proto__: null,
  bun: { request: 'bun@1', scope: '@oven', binary: path.join('bin', `bun${suffix}`) },
  deno: { request: 'deno@2', scope: '@deno', binary: `deno${suffix}` },
};

/** The path of another runtime's binary: `bun` or `deno`. */
async function fetchRuntime(name) {
  const { request, scope, binary } = runtimes[name];
  const find = (modules) => {
    const folder = path.join(modules, scope);
    const platforms = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    return platforms.map((platform) => path.join(folder, platform, binary)).find((file) => fs.existsSync(file));
  };
  return fetchInCache(name, [...INSTALL, request], { find });
}

/** The packages that the package.json of a folder lists, with its lock file if it has one. Returns the folder in `.cache/`. */
async function fetchListed(name, from) {
  const names = ['package.json', 'package-lock.json', '.npmrc'].filter((file) => fs.existsSync(path.join(from, file)));
  const files = Object.fromEntries(names.map((file) => [file, fs.readFileSync(path.join(from, file), 'utf8')]));
  return fetchInCache(name, 'package-lock.json' in files ? ['ci', '--ignore-scripts'] : INSTALL, { files });
}

/** A package that is made for another platform. Returns its folder in `.cache/`. */
const fetchForeign = (name, spec) => fetchInCache(name, [...INSTALL, '--force', spec]);

/** Packs the package as it would be published, with the binaries that are in `prebuilds/`. Returns the path of the tarball. */
async function packPackage(folder) {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, shell });
  // Its scripts may have written before.
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  return path.join(folder, filename);
}

/** Unpacks a tarball into a folder. Returns the folder of the package in that. */
function unpack(tarball, folder) {
  const { status, stderr } = spawnSync('tar', ['-xzf', tarball, '-C', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar -xzf ${tarball} failed: ${stderr}`);
  return path.join(folder, 'package');
}

module.exports = { fetchForeign, fetchListed, fetchNode, fetchRuntime, packPackage, unpack };
