'use strict';

/**
 * Builds the binary for this platform into `prebuilds/`, with node-gyp and this machine's compiler: if the installed package has none
 * for a platform, `node node_modules/context/tools/build-prebuilt.js`. Needs a C++17 compiler, make, python3, and node-gyp, which is
 * part of npm. (In a checkout, tools/build-all.js builds the binaries for all platforms.)
 *
 * `--if-needed` does nothing if the binary is newer than its sources. `--pack` does the same before packing, names the platforms
 * without a binary, and fails if a binary is older than its sources. `--list` builds nothing, and lists the binaries in `prebuilds/`
 * for the loader.
 *
 * This file is part of the package, so it uses no other file of this folder.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const root = path.join(__dirname, '..');
const prebuilds = path.join(root, 'prebuilds');
const headers = path.join(root, 'headers');
const windows = process.platform === 'win32';

const USAGE = 'Usage: node tools/build-prebuilt.js [--if-needed | --pack | --list]';
const OPTIONS = { 'if-needed': { type: 'boolean' }, pack: { type: 'boolean' }, list: { type: 'boolean' } };

/** The platforms that tools/build-all.js builds for. */
const PLATFORMS = [
  ...['linux-x64-glibc', 'linux-x64-musl', 'linux-arm64-glibc', 'linux-arm64-musl'],
  ...['darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'],
];

/** A message for the user, printed without a stack. The exit code is 1, or 2 for invalid options. */
class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The script of node-gyp: npm's setting, an installed one, or that of npm itself. */
function nodeGyp() {
  const named = process.env.npm_config_node_gyp;
  if (named) return named;
  const prefix = path.join(path.dirname(process.execPath), ...(windows ? [] : ['..', 'lib']));
  const places = [root, process.cwd(), path.join(prefix, 'node_modules', 'npm')];
  try {
    return require.resolve('node-gyp/bin/node-gyp.js', { paths: places });
  } catch {
    const advice = 'Set npm_config_node_gyp to the path of its bin/node-gyp.js; npm install --global node-gyp installs it.';
    throw new Failure(`node-gyp was not found from ${places.join(', ')}.\n${advice}`);
  }
}

/** Runs a command. Throws if it fails. */
function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) throw new Failure(`${command} could not be run: ${error.message}`);
  if (status !== 0) throw new Failure(`${[command, ...args].join(' ')} failed.`);
}

/** The headers installed with this Node.js, as an option for node-gyp, which otherwise fetches them. */
function headersOption() {
  const prefix = path.join(path.dirname(fs.realpathSync(process.execPath)), '..');
  const hasHeaders = fs.existsSync(path.join(prefix, 'include', 'node', 'node_api.h'));
  return hasHeaders && !process.env.npm_config_nodedir ? [`--nodedir=${prefix}`] : [];
}

/** The folder with the headers of node-addon-api: in a checkout its package, in the packed package `headers/`. */
function headersFolder() {
  const installed = path.join(root, 'node_modules', 'node-addon-api');
  return fs.existsSync(installed) ? installed : headers;
}

/**
 * Copies the headers of node-addon-api, to pack them. As a dependency it would be installed even if nobody builds, and Yarn would
 * install node-gyp as well, because one of its scripts names that.
 */
function copyHeaders() {
  const from = headersFolder();
  if (from === headers) return;
  fs.rmSync(headers, { recursive: true, force: true });
  fs.mkdirSync(headers);
  for (const name of ['napi.h', 'napi-inl.h', 'LICENSE.md']) fs.copyFileSync(path.join(from, name), path.join(headers, name));
}

/** The path of the binary for this platform. On Linux its name has a tag for the C library. */
function target() {
  const libc = process.env.LIBC || (fs.existsSync('/etc/alpine-release') ? 'musl' : 'glibc');
  const tags = ['context', process.platform === 'linux' && libc, 'node'].filter(Boolean);
  return path.join(prebuilds, `${process.platform}-${process.arch}`, tags.join('.'));
}

/** Builds in a temporary folder, so that a checkout keeps its `build` folder. */
function build(place) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-build-'));
  try {
    fs.cpSync(path.join(root, 'src'), path.join(folder, 'src'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'binding.gyp'), '{ "includes": ["src/context.gypi"] }\n');
    const env = { ...process.env, CONTEXT_HEADERS: headersFolder() };
    run(process.execPath, [nodeGyp(), 'rebuild', ...headersOption()], { cwd: folder, env });
    const built = path.join(folder, 'build', 'Release', 'context.node');
    if (!windows) run(process.env.STRIP || 'strip', process.platform === 'darwin' ? ['-Sx', built] : [built]);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    // Renamed, because a process may have loaded the old one.
    fs.copyFileSync(built, `${place}.new`);
    fs.renameSync(`${place}.new`, place);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The existing binaries: pairs of a platform with its C library, and a path relative to `prebuilds/`. */
function found() {
  fs.mkdirSync(prebuilds, { recursive: true });
  const folders = fs.readdirSync(prebuilds, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = folders.flatMap(({ name: folder }) => {
    const names = fs.readdirSync(path.join(prebuilds, folder)).filter((name) => name.endsWith('.node'));
    return names.map((name) => {
      const libc = /\.(glibc|musl)\.node$/.exec(name)?.[1];
      return [libc === undefined ? folder : `${folder}-${libc}`, `./${folder}/${name}`];
    });
  });
  return files.sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Writes the module that loads the binaries, each with a call of `require` that bundlers can follow. */
function list() {
  const lines = found().map(([name, file]) => `  '${name}': () => require('${file}'),\n`);
  const text = `'use strict';\n\n// Written by tools/build-prebuilt.js.\nmodule.exports = {\n${lines.join('')}};\n`;
  fs.writeFileSync(path.join(prebuilds, 'index.js'), text);
}

/** Whether a file exists and is newer than all its sources. */
function isFresh(file) {
  const built = fs.statSync(file, { throwIfNoEntry: false });
  const isOlder = (name) => fs.statSync(path.join(root, 'src', name)).mtimeMs <= built.mtimeMs;
  return built !== undefined && fs.readdirSync(path.join(root, 'src')).every(isOlder);
}

/** Before packing: throws if a binary is older than its sources, and warns about missing ones. */
function checkAll() {
  const binaries = found();
  const stale = binaries.map(([, file]) => path.join(prebuilds, file)).filter((file) => !isFresh(file));
  if (stale.length > 0) {
    const remedy = 'Rebuild it with `node tools/build-all.js`, or on its platform, or remove it.';
    throw new Failure(`Older than src/: ${stale.join(', ')}.\n${remedy}`);
  }
  const missing = PLATFORMS.filter((name) => !binaries.some(([platform]) => platform === name));
  if (missing.length === 0) return;
  process.stderr.write(`No binary for ${missing.join(', ')}: \`node tools/build-all.js\` builds all.\n`);
}

function readOptions() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (Object.keys(values).length > 1) throw new TypeError(`--${Object.keys(values).join(' and --')} exclude each other`);
    return values;
  } catch (error) {
    throw new Failure(`${error.message}\n${USAGE}`, 2);
  }
}

try {
  const options = readOptions();
  const place = target();
  const isNeeded = !((options['if-needed'] || options.pack) && isFresh(place));
  if (!options.list && isNeeded) build(place);
  list();
  copyHeaders();
  if (options.pack) checkAll();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
