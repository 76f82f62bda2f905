'use strict';

/** `node bench/report.js`: writes what docs/benchmarks.json has into the documentation. */

const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { replacePart } = require('../tools/support/table');
const { chart } = require('./chart');
const { claims, report } = require('./markdown');

const root = path.join(__dirname, '..');

/** Makes the documents from the results of main.js: by path what the file should have. Only the part of a text between its markers changes. */
function documents(result) {
  const replaced = (file, generate) => replacePart(readFileSync(path.join(root, file), 'utf8'), 'bench', generate(result));
  const pages = { 'docs/benchmarks.md': report, 'README.md': claims };
  const texts = Object.entries(pages).map(([file, generate]) => [file, replaced(file, generate)]);
  return { 'docs/benchmarks.svg': chart(result), ...Object.fromEntries(texts) };
}

if (require.main === module) {
  const result = JSON.parse(readFileSync(path.join(root, 'docs', 'benchmarks.json'), 'utf8'));
  for (const [file, text] of Object.entries(documents(result))) writeFileSync(path.join(root, file), text);
}

module.exports = { documents };
