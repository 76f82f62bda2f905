'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const made = [];

/** Makes a temporary folder, which is removed when the tests of the file are over. Returns its real path. */
function makeFolder() {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'context-')));
  made.push(folder);
  return folder;
}

/** For the hook that runs after all tests. */
function removeFolders() {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

module.exports = { makeFolder, removeFolders };
