'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { root } = require('./child');

const made = [];

/**
 * Makes a copy of the package as it is installed, in a temporary folder that is removed when the tests are over.
 *
 * @param {(folder: string) => void} [change] what to do to the copy
 * @returns {string} its folder
 */
function copyPackage(change = () => {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-'));
  made.push(folder);
  for (const name of ['package.json', 'index.js', 'lib', 'build/Release/context.node']) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  change(folder);
  return folder;
}

/**
 * Gives a copy another version.
 *
 * @param {string} folder
 * @param {string} version
 */
function setVersion(folder, version) {
  const file = path.join(folder, 'package.json');
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), version }));
}

after(() => {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

module.exports = { copyPackage, setVersion };
