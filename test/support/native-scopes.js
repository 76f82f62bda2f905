'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { root } = require('./child');

const sources = path.join(root, 'test', 'native', 'scopes');
const target = path.join(root, '.cache', 'native-scopes');
const addon = path.join(target, 'build', 'Release', 'scopes.node');

/** When a file was written, in milliseconds; 0 for one that is not there. */
function writtenAt(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Where the headers are that the package itself was built with; undefined for those that node-gyp has fetched. */
function nodedir() {
  try {
    return /"nodedir": "(.*)"/.exec(fs.readFileSync(path.join(root, 'build', 'config.gypi'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Builds the addon test/native/scopes, if it is not there yet. It is one of Node-API, so that one build serves all releases.
 *
 * @returns {string} its path, for `require`
 */
function buildNativeScopes() {
  const newest = Math.max(...fs.readdirSync(sources).map((name) => writtenAt(path.join(sources, name))));
  if (writtenAt(addon) > newest) return addon;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  // Built beside and then moved, for another test run may do the same.
  const folder = fs.mkdtempSync(`${target}-`);
  try {
    fs.cpSync(sources, folder, { recursive: true });
    const env = { ...process.env };
    env.npm_config_nodedir ??= nodedir();
    if (env.npm_config_nodedir === undefined) delete env.npm_config_nodedir;
    const gyp = require.resolve('node-gyp/bin/node-gyp.js');
    const options = { cwd: folder, env, encoding: 'utf8' };
    const { status, stderr } = spawnSync(process.execPath, [gyp, 'rebuild', '--silent'], options);
    if (status !== 0) throw new Error(`The addon test/native/scopes could not be built:\n${stderr}`);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(folder, target);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return addon;
}

module.exports = { buildNativeScopes };
