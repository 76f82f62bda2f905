'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { fileURLToPath } = require('node:url');

const { isBundled, requireUnbundled, root } = require('../util/bundle');
const { withCode } = require('../util/errors');
const { isDeno, runtime } = require('../util/runtime');

const platform = `${process.platform}-${process.arch}`;

/** The outputs of `npm run build` and of debug builds in a checkout, in order of preference. */
const BUILT = [path.join('build', 'Release'), path.join('build', 'Debug')];

/** Whether this Linux program uses musl: it then names musl's loader in its first bytes. */
function usesMusl() {
  try {
    const file = fs.openSync(process.execPath, 'r');
    try {
      const beginning = Buffer.alloc(4096);
      fs.readSync(file, beginning, 0, beginning.length, 0);
      return beginning.includes('/ld-musl-');
    } finally {
      fs.closeSync(file);
    }
  } catch {
    return fs.existsSync('/etc/alpine-release');
  }
}

/** The prebuilt binaries that may work here, the likely one first. */
function prebuiltNames() {
  if (process.platform !== 'linux') return [platform];
  const names = [`${platform}-glibc`, `${platform}-musl`];
  return usesMusl() ? names.reverse() : names;
}

/**
 * Looks for binaries in a folder.
 * @returns {{ shown: string, code: string | undefined }} a description of what was found, and an error code if the folder or a
 *   binary is unreadable
 */
function look(folder) {
  try {
    const names = fs.readdirSync(folder).filter((name) => name.endsWith('.node'));
    // Opened because `access` requires another permission on Deno.
    for (const name of names) fs.closeSync(fs.openSync(path.join(folder, name), 'r'));
    return { shown: names.join(', ') || 'no binary', code: undefined };
  } catch (error) {
    // Deno's own errors have only a name.
    const { code = error.name } = error;
    return code === 'ENOENT' ? { shown: 'no binary', code: undefined } : { shown: `cannot be read (${code})`, code };
  }
}

function adviceOnFlags() {
  // If the permission model is off, or allows addons, only --no-addons can be the reason.
  if (process.permission === undefined || process.permission.has('addon')) {
    return (
      'Node.js runs with --no-addons, from its command line, NODE_OPTIONS or the execArgv of a worker, which disables native ' +
      'addons. Start it without that flag.'
    );
  }
  const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  return `Node.js runs with ${flag}, which disables native addons. Add --allow-addons.`;
}

/** The names of Deno's permission error: current, and in earlier versions. */
const isDenied = (name) => isDeno && (name === 'NotCapable' || name === 'PermissionDenied');

function adviceOnPermissions(cause) {
  const [flag] = /--allow-[a-z]+/.exec(cause.message) ?? ['--allow-read'];
  return (
    `Deno runs without a required permission: ${flag}. Start it with --allow-read --allow-ffi, to read these folders and ` +
    `load the binary.`
  );
}

/** What to do about a loading error. */
function advice(cause, codes) {
  if (isDenied(cause.name) || codes.some(isDenied)) return adviceOnPermissions(cause);
  if (cause.code === 'ERR_DLOPEN_DISABLED') return adviceOnFlags();
  if (isBundled) {
    return (
      'Make the bundler copy the .node files of this package next to its output, or keep the package out of the bundle; its page\n' +
      'docs/bundlers.md has settings for esbuild, webpack, rollup and ncc.'
    );
  }
  if (codes.includes('ERR_ACCESS_DENIED')) {
    return `Node.js has no permission to read these folders. Add --allow-fs-read=${root}.`;
  }
  if (codes.length > 0) return 'Let the user that runs this process read these folders and what is in them.';
  return (
    `To build it, run \`node ${path.join(root, 'tools', 'build-prebuilt.js')}\`, or \`npm run build\` in a checkout;\n` +
    'this needs a C++17 compiler, make and python3.'
  );
}

/** Where the binary was searched, for the message, and the error codes. */
function describePlaces() {
  if (isBundled) return { places: ['Searched in this bundle.'], codes: [] };
  const folders = [...BUILT, path.join('prebuilds', platform)].map((folder) => path.join(root, folder));
  const found = folders.map((folder) => ({ folder, ...look(folder) }));
  return {
    places: ['Searched in:', ...found.map(({ folder, shown }) => `  ${folder}: ${shown}`)],
    codes: found.map(({ code }) => code).filter((code) => code !== undefined),
  };
}

/** Loads a binary built in a checkout, if there is one. */
function loadBuilt() {
  if (isBundled) return undefined;
  const file = BUILT.map((folder) => path.join(folder, 'context.node')).find((name) => fs.existsSync(path.join(root, name)));
  return file && requireUnbundled(file);
}

/**
 * Loads what `require` of a binary returned. Some bundlers copy the file and return its location: a URL, or a path relative to
 * the bundle.
 */
function open(required) {
  if (typeof required !== 'string') return required;
  const file = required.startsWith('file:') ? fileURLToPath(required) : path.resolve(__dirname, required);
  const addon = { exports: {} };
  process.dlopen(addon, file);
  return addon.exports;
}

/** Loads the prebuilt binary, trying the one for the other C library if the likely one is missing or fails. */
function loadPrebuilt() {
  let prebuilt = {};
  try {
    // A literal path, for bundlers.
    prebuilt = require('../../prebuilds');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
  }
  let cause;
  for (const name of prebuiltNames()) {
    if (!Object.hasOwn(prebuilt, name)) continue;
    try {
      return open(prebuilt[name]());
    } catch (error) {
      cause ??= error;
    }
  }
  throw cause ?? new Error(`There is no binary for ${prebuiltNames().join(' or ')}`);
}

/**
 * Loads the native core.
 * @returns {object} see src/addon.h
 * @throws {Error} with code ERR_CONTEXT_BINDING if no binary loads on this platform
 */
function load() {
  try {
    return loadBuilt() ?? loadPrebuilt();
  } catch (cause) {
    const { places, codes } = describePlaces();
    const message = [
      `context has no native binary that loads on ${process.platform} ${process.arch} with ${runtime}.`,
      ...places,
      `The loader said: ${cause.message.split('\n')[0]}`,
      advice(cause, codes),
    ].join('\n');
    throw withCode(new Error(message, { cause }), 'ERR_CONTEXT_BINDING');
  }
}

module.exports = load();
