'use strict';

/** `npm run bench:report`: writes what docs/benchmarks.json has into the documentation. */

const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { replacePart } = require('../scripts/support/document');
const { chart } = require('./chart');
const { claims, report } = require('./markdown');

const root = path.join(__dirname, '..');

/**
 * Makes the documents from the results.
 *
 * @param {object} result of main.js
 * @returns {Record<string, string>} what is to be in each file, by its path in the repository. Of a text only the part
 *   between the markers changes, and one without them, or that is not there, is left as it is
 */
function documents(result) {
  const made = { 'docs/benchmarks.svg': chart(result) };
  for (const [file, generate] of Object.entries({ 'docs/benchmarks.md': report, 'README.md': claims })) {
    const place = path.join(root, file);
    if (existsSync(place)) made[file] = replacePart(readFileSync(place, 'utf8'), 'bench', generate(result));
  }
  return made;
}

if (require.main === module) {
  const result = JSON.parse(readFileSync(path.join(root, 'docs', 'benchmarks.json'), 'utf8'));
  for (const [file, text] of Object.entries(documents(result))) writeFileSync(path.join(root, file), text);
}

module.exports = { documents };
