'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { withCode } = require('../util/errors');
const { isDeno, runtime } = require('../util/runtime');

const root = path.join(__dirname, '..', '..');

/** The places where a binary is looked for, in this order. */
function candidates() {
  const prebuilt = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  return [path.join(root, 'build', 'Release'), path.join(root, 'build', 'Debug'), prebuilt];
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
    `Deno runs without a permission that this takes: ${flag}. Start it with --allow-read --allow-env --allow-ffi, to read these ` +
    `folders, to read the environment variables that say which binary to take, and to load the binary.`
  );
}

/** Says what to do about an error of the loader. */
function advice(cause, codes) {
  if (isDenied(cause.name) || codes.some(isDenied)) return adviceOnPermissions(cause);
  if (cause.code === 'ERR_DLOPEN_DISABLED') return adviceOnFlags();
  if (codes.includes('ERR_ACCESS_DENIED')) {
    return `Node.js runs with permissions that leave out these folders. Start it with --allow-fs-read=${root} too.`;
  }
  if (codes.length > 0) return 'Let the user that runs this process read these folders and what is in them.';
  return (
    'To build it, run `npm rebuild context` where it is installed, or `npm run build` in a checkout of it; this takes\n' +
    'a C++17 compiler, make and python3.'
  );
}

/**
 * Loads the native core.
 *
 * @returns {object} the core of this environment, see src/addon.h
 * @throws {Error} with code ERR_CONTEXT_BINDING if there is no binary for this platform, or one that does not load
 */
function load() {
  try {
    return require('node-gyp-build')(root);
  } catch (cause) {
    const tried = candidates().map((folder) => ({ folder, ...look(folder) }));
    const codes = tried.map(({ code }) => code).filter((code) => code !== undefined);
    const message = [
      `context has no native binary that loads on ${process.platform} ${process.arch} with ${runtime}.`,
      `It was looked for in:`,
      ...tried.map(({ folder, shown }) => `  ${folder}: ${shown}`),
      `The loader said: ${cause.message.split('\n')[0]}`,
      advice(cause, codes),
    ].join('\n');
    throw withCode(new Error(message, { cause }), 'ERR_CONTEXT_BINDING');
  }
}

module.exports = load();
