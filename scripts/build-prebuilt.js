'use strict';

/**
 * Builds the binary for this platform into `prebuilds/`, from which it is loaded and packed: `npm run build:prebuilt` in a checkout, and
 * `node node_modules/context/scripts/build-prebuilt.js` if the installed package has none for a platform. It takes a C++17 compiler, make,
 * python3, and node-gyp, which comes with npm.
 *
 * With `--all` it builds for the other architectures as well that there is a cross compiler for (CROSS below). With `--arch arm64` it builds
 * for that one alone; a compiler of your own is named by the environment variables CXX and STRIP. With `--if-needed` it leaves alone
 * what is newer than its sources. With `--list` it builds nothing, and lists the binaries that were put into `prebuilds/` by other means.
 *
 * It is part of the package, so it needs nothing from beside it.
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

const USAGE = 'Usage: node scripts/build-prebuilt.js [--all | --arch <architecture>] [--if-needed | --list]';

/** The compilers for other architectures, as Debian has them, by the platform that they run on and build for. */
const CROSS = {
  __proto__: null,
  'linux-x64': { arm64: { CXX: 'aarch64-linux-gnu-g++', STRIP: 'aarch64-linux-gnu-strip', package: 'g++-aarch64-linux-gnu' } },
};

const crossOf = (arch) => CROSS[`${process.platform}-${process.arch}`]?.[arch];

/** Whether a command is there. */
const isThere = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** What is said to the user, without a stack; the exit code is 1, or 2 if the options are wrong. */
class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The tag of the C library in the name of a binary; nothing if the platform has one alone. */
function libcOf(platform) {
  if (platform !== 'linux') return undefined;
  return process.env.LIBC || (fs.existsSync('/etc/alpine-release') ? 'musl' : 'glibc');
}

/** The script of node-gyp: the one that npm names, an installed one, or the one that is part of npm. */
function nodeGyp() {
  const named = process.env.npm_config_node_gyp;
  if (named) return named;
  const prefix = path.join(path.dirname(process.execPath), ...(windows ? [] : ['..', 'lib']));
  const places = [root, process.cwd(), path.join(prefix, 'node_modules', 'npm')];
  try {
    return require.resolve('node-gyp/bin/node-gyp.js', { paths: places });
  } catch {
    throw new Failure(
      `node-gyp was not found from ${places.join(', ')}.\n` +
        'Set npm_config_node_gyp to the path of its bin/node-gyp.js; npm install --global node-gyp installs it.',
    );
  }
}

/** Runs a command, which must not fail. */
function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) throw new Failure(`${command} could not be run: ${error.message}`);
  if (status !== 0) throw new Failure(`${[command, ...args].join(' ')} failed.`);
}

/** The headers that came with this Node.js, as an option of node-gyp, which fetches them if it has none. */
function headersOption() {
  const prefix = path.join(path.dirname(fs.realpathSync(process.execPath)), '..');
  const hasHeaders = fs.existsSync(path.join(prefix, 'include', 'node', 'node_api.h'));
  return hasHeaders && !process.env.npm_config_nodedir ? [`--nodedir=${prefix}`] : [];
}

/** Where the headers of node-addon-api are: in a checkout where it is installed, in the package in `headers/`. */
function headersFolder() {
  const installed = path.join(root, 'node_modules', 'node-addon-api');
  return fs.existsSync(installed) ? installed : headers;
}

/**
 * Copies the headers of node-addon-api, for them to be packed. If the package depended on it instead, it would be installed where nobody
 * needs it, and with Yarn node-gyp too, as a script of it names that.
 */
function copyHeaders() {
  const from = headersFolder();
  if (from === headers) return;
  fs.rmSync(headers, { recursive: true, force: true });
  fs.mkdirSync(headers);
  for (const name of ['napi.h', 'napi-inl.h', 'LICENSE.md']) fs.copyFileSync(path.join(from, name), path.join(headers, name));
}

/** The environment of a build: what the user has set goes before the cross compiler that is known here. */
function environmentOf(arch) {
  if (arch === process.arch || process.env.CXX) return process.env;
  const cross = crossOf(arch);
  if (cross === undefined) {
    throw new Failure(
      `--arch ${arch} takes a cross compiler for it: name it and its strip by the environment variables CXX and STRIP.`,
      2,
    );
  }
  if (!isThere(cross.CXX)) {
    throw new Failure(
      `--arch ${arch} takes ${cross.CXX}: install ${cross.package} (Debian, Ubuntu), or name another compiler and its strip by the\n` +
        'environment variables CXX and STRIP.',
      2,
    );
  }
  return { ...process.env, CXX: cross.CXX, STRIP: cross.STRIP };
}

/** Where the binary for an architecture is. */
function targetOf(arch) {
  const tags = ['context', libcOf(process.platform), 'node'].filter(Boolean);
  return path.join(prebuilds, `${process.platform}-${arch}`, tags.join('.'));
}

/** Builds in a folder that `build` leaves alone: a checkout goes on with what it has there. */
function build(arch) {
  const target = targetOf(arch);
  const env = environmentOf(arch);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-build-'));
  try {
    fs.cpSync(path.join(root, 'src'), path.join(folder, 'src'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'binding.gyp'), '{ "includes": ["src/context.gypi"] }\n');
    const args = [nodeGyp(), 'rebuild', `--arch=${arch}`, ...headersOption()];
    run(process.execPath, args, { cwd: folder, env: { ...env, CONTEXT_HEADERS: headersFolder() } });
    const built = path.join(folder, 'build', 'Release', 'context.node');
    if (!windows) run(env.STRIP || 'strip', process.platform === 'darwin' ? ['-Sx', built] : [built]);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    // Renamed into its place: a process may have the old one loaded.
    fs.copyFileSync(built, `${target}.new`);
    fs.renameSync(`${target}.new`, target);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The binaries that are there, by platform, architecture and C library: paths from `prebuilds/`. */
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

/** Writes the module from which the binaries are loaded, each by a call of `require` that bundlers can follow. */
function list() {
  const lines = found().map(([name, file]) => `  '${name}': () => require('${file}'),\n`);
  const text = `'use strict';\n\n// Written by scripts/build-prebuilt.js.\nmodule.exports = {\n${lines.join('')}};\n`;
  fs.writeFileSync(path.join(prebuilds, 'index.js'), text);
}

/** Whether a file is there and newer than all that it is built from. */
function isFresh(file) {
  const built = fs.statSync(file, { throwIfNoEntry: false });
  if (built === undefined) return false;
  const sources = fs.readdirSync(path.join(root, 'src')).map((name) => path.join(root, 'src', name));
  return sources.every((source) => fs.statSync(source).mtimeMs <= built.mtimeMs);
}

/** A binary that could not be built anew here would be packed as it is. */
function checkFreshness() {
  const stale = found().filter(([, file]) => !isFresh(path.join(prebuilds, file)));
  if (stale.length === 0) return;
  const files = stale.map(([, file]) => path.join(prebuilds, file)).join(', ');
  throw new Failure(`Older than src/, and there is no compiler for it: ${files}.\nBuild it on its platform, or remove it.`);
}

function readOptions() {
  const known = {
    all: { type: 'boolean' },
    arch: { type: 'string' },
    'if-needed': { type: 'boolean' },
    list: { type: 'boolean' },
  };
  try {
    const { values } = parseArgs({ options: known });
    if (values.all && values.arch !== undefined) throw new TypeError('--all and --arch exclude each other');
    return values;
  } catch (error) {
    throw new Failure(`${error.message}\n${USAGE}`, 2);
  }
}

/** The architectures to build for. */
function archsOf({ all, arch, list: listsOnly }) {
  if (listsOnly) return [];
  if (!all) return [arch ?? process.arch];
  const others = Object.entries(CROSS[`${process.platform}-${process.arch}`] ?? {});
  return [process.arch, ...others.filter(([, { CXX }]) => isThere(CXX)).map(([other]) => other)];
}

function main() {
  const options = readOptions();
  for (const arch of archsOf(options)) {
    if (!options['if-needed'] || !isFresh(targetOf(arch))) build(arch);
  }
  list();
  copyHeaders();
  if (options.all) checkFreshness();
}

try {
  main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
