'use strict';

/**
 * Tests what works on Bun and Deno, and writes the tables of docs/runtimes.md. Prints the tests of this package that fail there, with
 * their reasons. Fails if one has no listed reason, or a listed one passes.
 */

require('./prepare');

const { checks } = require('./runtimes/checks');
const { allCases, runCases } = require('./runtimes/conformance');
const { groups, runOwnTests, unusedReasons } = require('./runtimes/own-tests');
const { fetchRuntimes } = require('./runtimes/runtime');
const { table, writeParts } = require('./support/table');

function note(isRight, what) {
  if (!isRight) console.error(`WRONG: ${what}`);
  process.exitCode ||= isRight ? 0 : 1;
}

/** Runs a check on each runtime, and returns the row of the table. */
async function row(runtimes, title, run) {
  const cells = [];
  for (const runtime of runtimes) {
    const { cell, isRight } = await run(runtime);
    note(isRight, `${runtime.name}, ${title}`);
    cells.push(cell);
  }
  return [title, ...cells];
}

/** Runs the package's own tests. Returns their rows, and the failing ones by reason. */
async function testOwn(runtimes) {
  const rows = [];
  const named = new Map(runtimes.map((runtime) => [runtime, []]));
  const run = async (runtime, files) => {
    const result = await runOwnTests(runtime, files);
    named.get(runtime).push(...result.named);
    return result;
  };
  for (const [title, files] of Object.entries(groups)) rows.push(await row(runtimes, title, (runtime) => run(runtime, files)));
  const reasons = {};
  for (const [runtime, failed] of named) {
    for (const { title, why } of failed) (reasons[`${runtime.name}: ${why}`] ??= []).push(title);
    for (const title of unusedReasons(runtime, failed))
      note(false, `${runtime.name}: the listed test '${title}' does not fail`);
  }
  return { rows, reasons };
}

/** Formats how many cases propagate contexts like the store of AsyncLocalStorage. */
function conformanceCell(results) {
  const ran = results.filter(({ cannot }) => cannot === undefined);
  const same = ran.filter(({ differs }) => differs.length === 0);
  return `${same.length} of ${ran.length}, ${results.length - ran.length} do not run`;
}

function differenceCell({ cannot, lost }, loses) {
  if (cannot !== undefined) return `does not run: ${cannot.replace(/^Error: /, '')}`;
  return lost.filter((label) => !loses.includes(label)).join(', ');
}

/** Runs the conformance cases. Returns their row, and a row per case in which AsyncLocalStorage differs from Node.js. */
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
