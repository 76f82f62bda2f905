'use strict';

/**
 * `npm run frameworks`: how often code of several frameworks sees the id of its own request, with this package and with others,
 * 100 requests at a time, and writes that into docs/http.md. The exit code is 1 if this package has lost one, or shown a wrong one.
 */

const { execFile } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { frameworks } = require('../../test/integrations/http/frameworks');
const { subjects } = require('../../test/integrations/http/subjects');
const { replacePart } = require('../support/document');
const { table } = require('../support/table');

const root = path.join(__dirname, '..', '..');
const file = path.join(root, 'docs', 'http.md');

/** What is this package. */
const OWN = ['instrument', 'middleware'];

async function measure(framework, subject) {
  const args = [path.join(__dirname, 'child.js'), framework, subject];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return JSON.parse(stdout);
}

/** How many of all looks were right, in per cent, and how many saw the id of another request. */
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
    for (const [index, subject] of names.entries()) {
      if (!OWN.includes(subject)) continue;
      const isWhole = Object.values(results[index]).every(({ lost, wrong }) => lost === 0 && wrong === 0);
      if (!isWhole) process.exitCode = 1;
    }
  }
  const made = table(['', ...names], rows);
  console.log(made);
  writeFileSync(file, replacePart(readFileSync(file, 'utf8'), 'frameworks', made));
}

main();
