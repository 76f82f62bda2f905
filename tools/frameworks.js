'use strict';

/**
 * Measures how often code of several frameworks sees the id of its own request, with this package and others, with 100 concurrent
 * requests. Writes the table of docs/http.md, without rows in which all are right. Fails if this package lost an id or showed a wrong
 * one.
 */

require('./prepare');

const { frameworks } = require('../test/integrations/http/frameworks');
const { subjects } = require('../test/integrations/http/subjects');
const { run } = require('./support/run');
const { table, writeParts } = require('./support/table');

/** The subjects that are this package. */
const OWN = ['instrument', 'middleware'];

async function measure(framework, subject) {
  const { code, stdout, output } = await run(process.execPath, ['test/integrations/http/measure.js', framework, subject]);
  if (code !== 0) throw new Error(`${framework} with ${subject} ended with ${code}: ${output}`);
  return JSON.parse(stdout);
}

/** Formats the share of right ids, and how many were those of other requests. */
function cell(counts) {
  if (counts === undefined) return '';
  const { right, lost, wrong } = counts;
  const share = Math.floor((100 * right) / (right + lost + wrong));
  return wrong > 0 ? `${share} %, ${wrong} wrong` : `${share} %`;
}

async function main() {
  const names = Object.keys(subjects);
  const rows = [];
  for (const framework of Object.keys(frameworks)) {
    const results = [];
    for (const subject of names) results.push(await measure(framework, subject));
    rows.push([framework]);
    const steps = new Set(results.flatMap((result) => Object.keys(result ?? {})));
    for (const step of steps) rows.push([step, ...results.map((result) => cell(result?.[step]))]);
    const own = OWN.flatMap((subject) => Object.values(results[names.indexOf(subject)]));
    if (own.some(({ lost, wrong }) => lost + wrong > 0)) process.exitCode = 1;
  }
  console.log(table(['', ...names], rows));
  const isShown = ([, ...cells]) => cells.length === 0 || cells.some((text) => text !== '' && text !== '100 %');
  const shown = rows.filter(isShown);
  writeParts('http.md', { frameworks: table(['', ...names], shown) });
}

main();
