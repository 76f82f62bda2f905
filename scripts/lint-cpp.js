'use strict';

/** Runs clang-tidy on the native sources, with the headers that they are built with. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/** The folder of Node.js's own headers: beside the running binary, or where npm's setting `nodedir` says. */
function nodeHeaders() {
  const prefixes = [path.join(fs.realpathSync(process.execPath), '..', '..'), process.env.npm_config_nodedir ?? ''];
  const folders = prefixes.map((prefix) => path.join(prefix, 'include', 'node'));
  const found = folders.find((folder) => fs.existsSync(path.join(folder, 'node_api.h')));
  if (found === undefined) {
    process.stderr.write(
      `The headers of Node.js are not in ${folders.join(' or ')}: set npm_config_nodedir to where they are.\n`,
    );
    process.exit(1);
  }
  return found;
}

const sources = fs.readdirSync(path.join(root, 'src')).filter((name) => name.endsWith('.cc'));
const { defines } = JSON.parse(fs.readFileSync(path.join(root, 'src', 'context.gypi'), 'utf8')).targets[0];
const { status, error } = spawnSync(
  'clang-tidy',
  [
    '--quiet',
    ...sources.map((name) => path.join('src', name)),
    '--',
    '-std=c++17',
    ...['node_modules/node-addon-api', nodeHeaders()].map((folder) => `-I${folder}`),
    ...defines.map((define) => `-D${define}`),
  ],
  { cwd: root, stdio: 'inherit' },
);
if (error) process.stderr.write(`clang-tidy could not be run: ${error.message}\n`);
process.exitCode = status ?? 1;
