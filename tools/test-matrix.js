'use strict';

/**
 * Runs all tests on every supported release of Node.js, with each of its engines. `--quick` runs only those of `npm test`,
 * `--jobs 2` two rows of the table at a time.
 */

require('./prepare');

const { fetchNode } = require('./support/fetch');
const { runMocha } = require('./support/mocha');
const { flag, number, readOptions } = require('./support/options');
const { nodeOption, releasesOf } = require('./support/releases');
const { run } = require('./support/run');
const { table } = require('./support/table');

/** Tests that don't depend on the release, and that `npm test` runs: the plain C++, the types. */
const LEFT_OUT = ['native/**', 'packaging/types/types{,.long}.test.js'];

/** The binaries by major: two rows of one release may run at the same time. */
const binaries = {};

/** Runs the tests. Returns the row of the table, and the failures. */
async function test({ major, flags }, quick) {
  let node;
  try {
    node = await (binaries[major] ??= fetchNode(major));
  } catch (error) {
    return { row: [major, 'not fetched', 0, 0, ''], failures: [{ title: 'npm', about: error.message }] };
  }
  // Also in the environment: some tests start a Node.js that has to be like their own.
  const env = { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ') };
  const about = 'process.stdout.write(`${process.version} ${require("context").engine}`)';
  const { stdout, output } = await run(node, [...flags, '-e', about], { env });
  const [version, engine = 'none'] = stdout.split(' ');
  const release = [version, ...flags].join(' ');
  console.log(`Testing on Node.js ${release}${engine === 'none' ? `: ${output}` : ''}`);
  const leftOut = quick ? [...LEFT_OUT, '**/*.long.test.js'] : LEFT_OUT;
  const args = leftOut.flatMap((pattern) => ['--ignore', `test/${pattern}`]);
  const { passing, failures, duration } = await runMocha(node, args, { env, flags });
  for (const failure of failures) console.log(`Node.js ${release}: ${failure.title}\n${failure.about}\n`);
  return { row: [release, engine, passing, failures.length, duration], failures };
}

async function main() {
  const { node, jobs, quick } = readOptions({ node: nodeOption(), jobs: number(1, { least: 1, most: 64 }), quick: flag() });
  const results = [];
  const waiting = releasesOf(node).entries();
  const work = async () => {
    for (const [index, release] of waiting) results[index] = await test(release, quick);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const rows = results.map(({ row }) => row);
  console.log(table(['release', 'engine', 'passing', 'failing', 'duration'], rows));
  // Once more below the table, because the end of a log is read first.
  for (const { row, failures } of results) {
    for (const { title } of failures) console.log(`Failed on Node.js ${row[0]}: ${title}`);
    if (failures.length > 0) process.exitCode = 1;
  }
}

main();
