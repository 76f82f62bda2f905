'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { fileURLToPath } = require('node:url');

const { isBundled, requireUnbundled, root } = require('../util/bundle');
const { withCode } = require('../util/errors');
const { isDeno, runtime } = require('../util/runtime');

const platform = `${process.platform}-${process.arch}`;

/** What `npm run build`, or a debugger's build, makes in a checkout, in the order in which they are taken. */
const BUILT = [path.join('build', 'Release'), path.join('build', 'Debug')];

/** The names of prebuilt binaries that may work here, the likely one first: a musl system need not be Alpine. */
function prebuiltNames() {
  if (process.platform !== 'linux') return [platform];
  const names = [`${platform}-glibc`, `${platform}-musl`];
  return fs.existsSync('/etc/alpine-release') ? names.reverse() : names;
}

/**
 * What there is in a folder.
 *
 * @param {string} folder
 * @returns {{ shown: string, code: string | undefined }} the binaries, and the code of the error if it, or one of them, is
 *   there and cannot be read
 */
function look(folder) {
  try {
    const names = fs.readdirSync(folder).filter((name) => name.endsWith('.node'));
    // Opened, not asked for: for `access` Deno wants a permission more.
    for (const name of names) fs.closeSync(fs.openSync(path.join(folder, name), 'r'));
    return { shown: names.join(', ') || 'no binary', code: undefined };
  } catch (error) {
    // Those of Deno's own have a name alone.
    const { code = error.name } = error;
    return code === 'ENOENT' ? { shown: 'no binary', code: undefined } : { shown: `cannot be read (${code})`, code };
  }
}

/** Says which flag keeps addons from being loaded, and what to do. */
function adviceOnFlags() {
  // The permission model says whether addons are allowed; if it is off, or allows them, there is one other flag.
  if (process.permission === undefined || process.permission.has('addon')) {
    return (
      'Node.js was told not to load native addons, by --no-addons on its command line or in NODE_OPTIONS, or in the execArgv of a ' +
      'worker. Start it without that flag.'
    );
  }
  const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  return `Node.js runs with ${flag}, which keeps native addons from being loaded. Start it with --allow-addons too.`;
}

/** How Deno names the error for what it has no permission to do: now, and in earlier versions. */
const isDenied = (name) => isDeno && (name === 'NotCapable' || name === 'PermissionDenied');

/** Says which permission of Deno's is missing. */
function adviceOnPermissions(cause) {
  const [flag] = /--allow-[a-z]+/.exec(cause.message) ?? ['--allow-read'];
  return (
    `Deno runs without a permission that this takes: ${flag}. Start it with --allow-read --allow-ffi, to read these folders and to ` +
    `load the binary.`
  );
}

/** Says what to do about an error of the loader. */
function advice(cause, codes) {
  if (isDenied(cause.name) || codes.some(isDenied)) return adviceOnPermissions(cause);
  if (cause.code === 'ERR_DLOPEN_DISABLED') return adviceOnFlags();
  if (isBundled) {
    return (
      'Have the bundler copy the .node files of this package beside its output, or leave the package out of the bundle; its page\n' +
      'docs/bundlers.md has what to write for esbuild, webpack, rollup and ncc.'
    );
  }
  if (codes.includes('ERR_ACCESS_DENIED')) {
    return `Node.js runs with permissions that leave out these folders. Start it with --allow-fs-read=${root} too.`;
  }
  if (codes.length > 0) return 'Let the user that runs this process read these folders and what is in them.';
  return (
    `To build it, run \`node ${path.join(root, 'tools', 'build-prebuilt.js')}\`, or \`npm run build\` in a checkout;\n` +
    'this takes a C++17 compiler, make and python3.'
  );
}

/** Where it was looked for, for the message: the places with what is there, and the codes of errors. */
function describePlaces() {
  if (isBundled) return { places: ['It was looked for in this bundle.'], codes: [] };
  const folders = [...BUILT, path.join('prebuilds', platform)].map((folder) => path.join(root, folder));
  const found = folders.map((folder) => ({ folder, ...look(folder) }));
  return {
    places: ['It was looked for in:', ...found.map(({ folder, shown }) => `  ${folder}: ${shown}`)],
    codes: found.map(({ code }) => code).filter((code) => code !== undefined),
  };
}

/** Loads what was built in a checkout; undefined if nothing was. */
function loadBuilt() {
  if (isBundled) return undefined;
  const file = BUILT.map((folder) => path.join(folder, 'context.node')).find((name) => fs.existsSync(path.join(root, name)));
  return file && requireUnbundled(file);
}

/**
 * The core, from what `require` of a binary returned. Some bundlers copy the file and have `require` return where it is: a URL, or a
 * path from the bundle's folder.
 */
function open(required) {
  if (typeof required !== 'string') return required;
  const file = required.startsWith('file:') ? fileURLToPath(required) : path.resolve(__dirname, required);
  const addon = { exports: {} };
  process.dlopen(addon, file);
  return addon.exports;
}

/** Loads the prebuilt binary. The one for the other C library is tried if the likely one is not there or does not load. */
function loadPrebuilt() {
  let prebuilt = {};
  try {
    // Written out, for bundlers to see.
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
 *
 * @returns {object} the core of this environment, see src/addon.h
 * @throws {Error} with code ERR_CONTEXT_BINDING if there is no binary for this platform, or one that does not load
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
