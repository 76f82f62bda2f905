'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { packPackage, unpack } = require('./fetch');
const { root } = require('./run');

const BESIDE = ['test', 'tools', 'bench', 'examples', 'docs', '.mocharc.json', 'eslint.config.js'];

/** Unpacks the packed package into a folder, with the tests beside it. Returns the folder of the package. */
async function makeCheckout(folder) {
  const checkout = unpack(await packPackage(folder), folder);
  for (const name of BESIDE) fs.cpSync(path.join(root, name), path.join(checkout, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'), 'dir');
  return checkout;
}

module.exports = { makeCheckout };
