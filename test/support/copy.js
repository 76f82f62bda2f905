'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { root } = require('./child');
const { makeFolder } = require('./folders');

require('../..');

/** The path of the native binary that the tests run with. */
const binary = Object.keys(require.cache).find((name) => name.endsWith('.node'));

/**
 * Makes a copy of the package as it is installed, in a temporary folder that is removed when the tests are over.
 *
 * @param {(folder: string) => void} [change] what to do to the copy
 * @returns {string} its folder
 */
function copyPackage(change = () => {}) {
  const folder = makeFolder();
  for (const name of ['package.json', 'index.js', 'lib']) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  fs.cpSync(binary, path.join(folder, 'build', 'Release', 'context.node'));
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  change(folder);
  return folder;
}

/** Gives the copy in a folder another version. */
function setVersion(folder, version) {
  const file = path.join(folder, 'package.json');
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), version }));
}

/** Makes a copy of another version, and changes it. */
function copyOf(version, change = () => {}) {
  return copyPackage((folder) => {
    setVersion(folder, version);
    change(folder);
  });
}

/**
 * The beginning of a program that has some folders' exports in `a`, `b`, `c` … It prints the codes of warnings at its end, and
 * `both()` has namespaces of `a` and `b` carry their contexts at a time, and prints 1 2.
 */
function programWith(...folders) {
  return `
    const codes = [];
    process.on('warning', (warning) => codes.push(warning.code));
    process.on('exit', () => console.log('warnings', ...codes));
    const [a, b, c, d] = ${JSON.stringify(folders)}.map((folder) => require(folder));
    const both = () => {
      const [one, two] = [a.createNamespace('one'), b.createNamespace('two')];
      one.createContext({ id: 1 }).run(() => two.createContext({ id: 2 }).run(async () => {
        await null;
        setImmediate(() => console.log(one.get('id'), two.get('id')));
      }));
    };
  `;
}

module.exports = { binary, copyOf, copyPackage, programWith, setVersion };
