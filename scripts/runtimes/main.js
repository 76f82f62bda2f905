'use strict';

/**
 * `npm run test:runtimes`: shows what works on Bun and Deno, which come from the npm registry and are kept in `.cache/`, and writes that
 * into docs/runtimes.md. The exit code is 1 if something does not work that should, or if a test of this package fails there
 * for no reason that is named.
 */

const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { replacePart } = require('../support/document');
const { table } = require('../support/table');
const { checks } = require('./checks');
const { allCases, runCases } = require('./conformance');
const { groups, runOwnTests } = require('./own-tests');
const { fetchRuntimes, root } = require('./runtime');

const file = path.join(root, 'docs', 'runtimes.md');

function note(isRight, what) {
  if (isRight) return;
  console.error(`${what}: not as it should be`);
  process.exitCode = 1;
}

/** A row of the table for what is done on each runtime. */
async function row(runtimes, title, run) {
  const cells = [];
  for (const runtime of runtimes) {
    const { cell, isRight } = await run(runtime);
    note(isRight, `${runtime.name}, ${title}`);
    cells.push(cell);
  }
  return [title, ...cells];
}

/** The rows for the package's own tests, and by name those that fail, with the reasons. */
async function testOwn(runtimes) {
  const rows = [];
  const reasons = new Map();
  const run = async (runtime, files) => {
    const result = await runOwnTests(runtime, files);
    for (const { title, why } of result.named) reasons.set(title, { ...reasons.get(title), [runtime.name]: why });
    return result;
  };
  for (const [title, files] of Object.entries(groups)) rows.push(await row(runtimes, title, (runtime) => run(runtime, files)));
  return { rows, reasons };
}

/** In how many cases contexts were where AsyncLocalStorage has its store, of those that run. */
function conformanceCell(results) {
  const ran = results.filter(({ cannot }) => cannot === undefined);
  const same = ran.filter(({ differs }) => differs.length === 0);
  return `${same.length} of ${ran.length}, ${results.length - ran.length} do not run`;
}

function differenceCell({ cannot, lost }, loses) {
  if (cannot !== undefined) return `does not run: ${cannot.replace(/^Error: /, '')}`;
  return lost.filter((label) => !loses.includes(label)).join(', ');
}

/** The row for the conformance cases, and a row for each case in which AsyncLocalStorage is not what it is on Node.js. */
async function testConformance(others) {
  const cases = allCases();
  const results = [];
  for (const runtime of others) {
    results.push(await runCases(runtime, cases));
    for (const [index, { differs = [] }] of results.at(-1).entries()) {
      note(differs.length === 0, `${runtime.name}, ${cases[index].theme}, ${cases[index].name}: ${differs}`);
    }
  }
  const rows = cases.map(({ theme, name, loses }, index) => [
    `${theme}: ${name.replace(`${theme}: `, '')}`,
    ...results.map((ofRuntime) => differenceCell(ofRuntime[index], loses)),
  ]);
  return {
    row: ['cases in which contexts are where the store is', '', ...results.map(conformanceCell)],
    rows: rows.filter(([, ...cells]) => cells.some((cell) => cell !== '')),
  };
}

function differenceRows(reasons, others) {
  const byReason = new Map();
  for (const [title, whys] of reasons) {
    for (const { name } of others.filter((runtime) => runtime.name in whys)) {
      const key = `${name}: ${whys[name]}`;
      byReason.set(key, [...(byReason.get(key) ?? []), title]);
    }
  }
  return Array.from(byReason, ([why, titles]) => [`- ${why}`, ...titles.map((title) => `  - ${title}`)].join('\n')).join('\n');
}

async function main() {
  const runtimes = await fetchRuntimes();
  const [, ...others] = runtimes;
  const titles = await Promise.all(runtimes.map((runtime) => runtime.title()));

  const rows = [];
  for (const { title, run } of checks) rows.push(await row(runtimes, title, run));
  const own = await testOwn(runtimes);
  const conformance = await testConformance(others);
  rows.push(["the package's own tests"], ...own.rows, conformance.row);

  const parts = {
    runtimes: table(['', ...titles], rows),
    stores: table(['', ...titles.slice(1)], conformance.rows),
    tests: differenceRows(own.reasons, others),
  };
  let text = readFileSync(file, 'utf8');
  for (const [name, part] of Object.entries(parts)) {
    console.log(`${part}\n`);
    text = replacePart(text, name, part);
  }
  writeFileSync(file, text);
}

main();
