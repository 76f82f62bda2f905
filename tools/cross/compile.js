'use strict';

/** Builds a binary for one platform, and checks that it needs no more than that has. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { inspect } = require('./inspect');
const { hostImports } = require('./host-imports');
const { GLIBC, MACOS } = require('./targets');

const root = path.join(__dirname, '..', '..');

/** As in src/context.gypi. */
const DEFINES = [
  'NDEBUG',
  'NAPI_VERSION=9',
  'NODE_ADDON_API_DISABLE_DEPRECATED',
  'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
  'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
  'BUILDING_NODE_EXTENSION',
];
const FLAGS = ['-std=c++17', '-Wall', '-Wextra', '-O2', '-g0', '-fPIC', '-fvisibility=hidden', '-fno-exceptions', '-fno-rtti'];

/** What every system has: the C library, which is one file on macOS and musl. */
const LIBRARIES = {
  linux: /^(lib(c|dl|m|pthread)\.so(\.\d+)?|ld-linux-(x86-64|aarch64)\.so\.\d)$/,
  darwin: /^\/usr\/lib\/libSystem\.B\.dylib$/,
  win32: /^(kernel32|ntdll|api-ms-win-crt-[a-z]+-l1-1-0|msvcrt|ucrtbase)\.dll$/i,
};

/** The headers of the Node.js that runs this, or of the folder that npm is set to. */
function nodeHeaders() {
  const prefix = process.env.npm_config_nodedir || path.join(path.dirname(fs.realpathSync(process.execPath)), '..');
  const folder = path.join(prefix, 'include', 'node');
  if (fs.existsSync(path.join(folder, 'node_api.h'))) return folder;
  throw new Error(`There are no headers of Node.js in ${folder}: set npm_config_nodedir to a folder that has include/node.`);
}

const isNewer = (version, than) => version.localeCompare(than, 'en', { numeric: true }) > 0;

/**
 * @param {object} target one of TARGETS
 * @param {object} found what `inspect` says of its binary
 * @returns {string[]} what is wrong with it
 */
function complaintsAbout({ system, arch, libc }, found) {
  const wrong = [];
  if (found.arch !== arch) wrong.push(`it is for ${found.arch}`);
  const strange = found.libraries.filter((name) => !LIBRARIES[system].test(name));
  if (strange.length > 0) wrong.push(`it needs ${strange.join(', ')}`);
  const register = `${system === 'darwin' ? '_' : ''}napi_register_module_v1`;
  if (!found.exported.includes(register)) wrong.push(`it does not export ${register}`);
  const newer = (found.versions ?? []).filter((name) => isNewer(name, `GLIBC_${GLIBC}`));
  if (libc === 'glibc' && newer.length > 0) wrong.push(`it needs ${newer.join(', ')}`);
  if (system === 'darwin' && found.system !== MACOS) wrong.push(`it needs macOS ${found.system}`);
  if (system === 'darwin' && arch === 'arm64' && found.signature !== 'intact, ad hoc') wrong.push('its signature is wrong');
  return wrong;
}

/**
 * @param {object} target one of TARGETS
 * @param {object} options the compiler's path, a folder for temporary files, and one for what the compiler keeps
 * @returns {{ binary: Buffer, found: object }}
 * @throws {Error} with the compiler's output, or what is wrong with the binary
 */
function compile(target, { zig, folder, cache }) {
  const headers = nodeHeaders();
  // Named by paths from here, so that the binary does not depend on where the checkout is.
  const sources = fs.readdirSync(path.join(root, 'src')).filter((name) => name.endsWith('.cc'));
  const files = sources.map((name) => path.posix.join('src', name));
  const output = path.join(folder, 'context.node');
  const flags = [...FLAGS, ...DEFINES.map((name) => `-D${name}`), ...target.flags];
  if (target.system === 'linux') flags.push(`-Wl,--version-script=${path.join(__dirname, 'exports.map')}`);
  if (target.system === 'win32') {
    files.push(path.join(folder, 'host_imports.cc'));
    fs.writeFileSync(files.at(-1), hostImports(headers));
    flags.push('-Isrc');
  }
  const includes = [path.dirname(require.resolve('node-addon-api')), headers].flatMap((name) => ['-isystem', name]);
  const args = ['c++', '-target', target.triple, ...flags, ...includes, '-shared', '-s', '-o', output, ...files];
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: path.join(folder, 'cache') };
  const { status, stderr, error } = spawnSync(zig, args, { cwd: root, encoding: 'utf8', env, maxBuffer: 1e8 });
  if (status !== 0) throw new Error(`${target.name} could not be built: ${error?.message ?? stderr}`);
  const binary = fs.readFileSync(output);
  // The linker writes the time into the header of PE.
  if (target.system === 'win32') binary.writeUInt32LE(0, binary.readUInt32LE(60) + 8);
  const found = inspect(binary);
  const wrong = complaintsAbout(target, found);
  if (wrong.length > 0) throw new Error(`The binary for ${target.name} is wrong: ${wrong.join('; ')}.`);
  return { binary, found };
}

module.exports = { compile, complaintsAbout };
