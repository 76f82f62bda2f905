'use strict';

/** `node bench/report.js`: writes what docs/benchmarks.json has into the documentation. */

const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { replacePart } = require('../tools/support/table');
const { chart } = require('./chart');
const { claims, report } = require('./markdown');
const { PLACES, priceTable } = require('./price-tables');

const root = path.join(__dirname, '..');

/** Makes the documents from the results of main.js: by path what the file should have. Only the part of a text between its markers changes. */
function documents(result) {
  const parts = [
    ...[
      ['docs/benchmarks.md', 'bench', report(result)],
      ['README.md', 'bench', claims(result)],
    ],
    ...Object.entries(PLACES).map(([subject, [page, part]]) => [`docs/${page}.md`, part, priceTable(subject, result.runs)]),
  ];
  // What was not measured stays as it is.
  const measured = parts.filter(([, , text]) => text !== undefined);
  const texts = measured.map(([file, part, text]) => [
    file,
    replacePart(readFileSync(path.join(root, file), 'utf8'), part, text),
  ]);
  return { 'docs/benchmarks.svg': chart(result), ...Object.fromEntries(texts) };
}

if (require.main === module) {
  const result = JSON.parse(readFileSync(path.join(root, 'docs', 'benchmarks.json'), 'utf8'));
  for (const [file, text] of Object.entries(documents(result))) writeFileSync(path.join(root, file), text);
}

module.exports = { documents };
