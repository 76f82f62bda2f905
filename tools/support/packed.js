'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { packPackage, unpack } = require('./fetch');
const { fail, perform, root } = require('./run');

const BESIDE = ['test', 'tools', 'bench', 'examples', 'docs', '.mocharc.json', 'eslint.config.js'];

/** Builds the binaries for some targets of tools/cross (all by default) that are older than src/. Ends the process on failure. */
function buildFor(...targets) {
  const only = targets.length > 0 ? ['--only', targets.join(',')] : [];
  const isBuilt = perform(process.execPath, [path.join(root, 'tools', 'build-all.js'), '--if-needed', ...only]);
  if (!isBuilt) fail(`No binary could be built for ${targets.join(', ') || 'all platforms'}.`);
}

/** Unpacks the packed package into a folder, and copies the tests into it. Returns the folder of the package. */
async function makeCheckout(folder) {
  const checkout = unpack(await packPackage(folder), folder);
  for (const name of BESIDE) fs.cpSync(path.join(root, name), path.join(checkout, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'), 'dir');
  return checkout;
}

module.exports = { buildFor, makeCheckout };
