'use strict';

/**
 * Runs all tests on every supported release of Node.js, with each engine that it has; with `--quick` those that `npm test` runs, with
 * `--jobs 2` two rows at a time.
 */

require('./prepare');

const path = require('node:path');
const { stripVTControlCharacters } = require('node:util');

const { fetchNode } = require('./support/fetch');
const { flag, number, readOptions } = require('./support/options');
const { nodeOption, releasesOf } = require('./support/releases');
const { run } = require('./support/run');
const { table } = require('./support/table');

const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js');

/** Tests of what is the same for every release, and is run by `npm test`: the plain C++, the types. */
const LEFT_OUT = ['native/**', 'packaging/types/types{,.long}.test.js'];

/** Reads a number off the summary of a mocha reporter. */
const countOf = (output, what) => Number(new RegExp(`^ *(\\d+) ${what}`, 'm').exec(output)?.[1] ?? 0);

/** The titles of the tests that failed, off the list at the end of the output of a mocha reporter. */
function failedIn(output) {
  return Array.from(output.matchAll(/^ {2}\d+\) ([^]*?):$/gm), ([, title]) => title.replace(/\s+/g, ' '));
}

/** The binaries by major: two rows of one release may run at the same time. */
const binaries = {};

/** Runs the suite, and returns the row of the table. */
async function test({ major, flags }, quick) {
  const row = { release: major, engine: 'not fetched', passing: 0, failing: 0, duration: '', ok: false };
  let node;
  try {
    node = await (binaries[major] ??= fetchNode(major));
  } catch (error) {
    console.error(error.message);
    return row;
  }
  // On the command line and in the environment: a test may start a Node.js that has to be like its own.
  const env = { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ') };
  const about = 'process.stdout.write(`${process.version} ${require("context").engine}`)';
  const { stdout, output: reason } = await run(node, [...flags, '-e', about], { env });
  const [release, engine] = stdout.split(' ');
  console.log(`Testing on Node.js ${release} ${flags}`.trimEnd());
  const start = performance.now();
  const patterns = quick ? [...LEFT_OUT, '**/*.long.test.js'] : LEFT_OUT;
  const leftOut = patterns.flatMap((pattern) => ['--ignore', `test/${pattern}`]);
  const { code, output } = await run(node, [...flags, mocha, ...leftOut], { env });
  const duration = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  if (code !== 0) console.log(`${engine ? '' : reason}${output}`);
  const summary = stripVTControlCharacters(output);
  const counts = { passing: countOf(summary, 'passing'), failing: countOf(summary, 'failing') };
  const title = `${release} ${flags}`.trimEnd();
  return { release: title, engine: engine ?? 'none', ...counts, duration, ok: code === 0, failed: failedIn(summary) };
}

async function main() {
  const { node, jobs, quick } = readOptions({ node: nodeOption(), jobs: number(1, { least: 1, most: 64 }), quick: flag() });
  const results = [];
  const waiting = releasesOf(node).entries();
  const work = async () => {
    for (const [index, release] of waiting) results[index] = await test(release, quick);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const columns = ['release', 'engine', 'passing', 'failing', 'duration'];
  const rows = results.map((row) => columns.map((column) => row[column]));
  console.log(table(columns, rows));
  // Below the table, as the end of a log is what is read first.
  for (const { release, failed = [] } of results)
    for (const title of failed) console.log(`Failed on Node.js ${release}: ${title}`);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
}

main();
