'use strict';

/** `node bench/report.js`: writes the results in docs/benchmarks.json into the documentation. */

const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { root } = require('../tools/support/run');
const { replacePart } = require('../tools/support/table');
const { chart } = require('./chart');
const { claims, report } = require('./markdown');
const { PLACES, priceTable } = require('./price-tables');

/** Creates the documents from the results of main.js: file contents by path. Only generated parts change. */
function documents(result) {
  const parts = [
    ...[
      ['docs/benchmarks.md', 'bench', report(result)],
      ['README.md', 'bench', claims(result)],
    ],
    ...Object.entries(PLACES).map(([subject, [page, part]]) => [`docs/${page}.md`, part, priceTable(subject, result.runs)]),
  ];
  // Parts that were not measured stay as they are.
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
