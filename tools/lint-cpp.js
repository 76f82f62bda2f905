'use strict';

/** Runs clang-tidy on the native sources, with the headers that they are built with: `node tools/lint-cpp.js`. */

require('./prepare');

const fs = require('node:fs');
const path = require('node:path');

const { fail, perform, root } = require('./support/run');

/** The folder of Node.js' headers: next to the running binary, or in npm's setting `nodedir`. */
function nodeHeaders() {
  const prefixes = [path.join(fs.realpathSync(process.execPath), '..', '..'), process.env.npm_config_nodedir ?? ''];
  const folders = prefixes.map((prefix) => path.join(prefix, 'include', 'node'));
  const found = folders.find((folder) => fs.existsSync(path.join(folder, 'node_api.h')));
  return found ?? fail(`The headers of Node.js are not in ${folders.join(' or ')}: set npm_config_nodedir to their folder.`);
}

const sources = fs.readdirSync(path.join(root, 'src')).filter((name) => name.endsWith('.cc'));
const { defines } = JSON.parse(fs.readFileSync(path.join(root, 'src', 'context.gypi'), 'utf8')).targets[0];
const includes = ['node_modules/node-addon-api', nodeHeaders()].map((folder) => `-I${folder}`);
const flags = ['-std=c++17', ...includes, ...defines.map((define) => `-D${define}`)];
const succeeded = perform('clang-tidy', ['--quiet', ...sources.map((name) => path.join('src', name)), '--', ...flags]);
process.exitCode = succeeded ? 0 : 1;
