'use strict';

/**
 * Tests what works on Bun and Deno, and writes that into docs/runtimes.md. Prints the tests of this package that fail there, with their reasons;
 * one without a reason is a fault.
 */

require('./prepare');

const { checks } = require('./runtimes/checks');
const { allCases, runCases } = require('./runtimes/conformance');
const { groups, runOwnTests } = require('./runtimes/own-tests');
const { fetchRuntimes } = require('./runtimes/runtime');
const { table, writeParts } = require('./support/table');

function note(isRight, what) {
  if (!isRight) console.error(`${what}: not as it should be`);
  process.exitCode ||= isRight ? 0 : 1;
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

/** The rows for the package's own tests, and by reason those that fail. */
async function testOwn(runtimes) {
  const rows = [];
  const reasons = {};
  const run = async (runtime, files) => {
    const result = await runOwnTests(runtime, files);
    for (const { title, why } of result.named) (reasons[`${runtime.name}: ${why}`] ??= []).push(title);
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

async function main() {
  const runtimes = await fetchRuntimes();
  const [, ...others] = runtimes;
  const titles = await Promise.all(runtimes.map((runtime) => runtime.title()));

  const rows = [];
  for (const [title, run] of Object.entries(checks)) rows.push(await row(runtimes, title, run));
  const own = await testOwn(runtimes);
  const conformance = await testConformance(others);
  rows.push(["the package's own tests"], ...own.rows, conformance.row);

  const parts = { runtimes: table(['', ...titles], rows), stores: table(['', ...titles.slice(1)], conformance.rows) };
  console.log(Object.values(parts).join('\n\n'));
  console.log('Tests that fail there:');
  for (const [why, failed] of Object.entries(own.reasons)) console.log([`- ${why}`, ...failed].join('\n  - '));
  writeParts('runtimes.md', parts);
}

main();
