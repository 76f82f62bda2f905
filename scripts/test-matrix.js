'use strict';

/**
 * Runs the tests on every supported release of Node.js, with each engine that it has: `npm run test:matrix`, or
 * `npm run test:matrix -- --only 24,26` for some of them, and `--jobs 2` for two rows at a time. Releases come from the npm
 * registry and are kept in `.cache/`. The exit code is 1 if a row failed or its release could not be fetched, 2 if the options are
 * wrong.
 */

const { spawn, spawnSync } = require('node:child_process');
const path = require('node:path');
const { stripVTControlCharacters } = require('node:util');

const { fetchNode } = require('./fetch-node');
const { readOptions } = require('./support/options');
const { table } = require('./support/table');

const root = path.join(__dirname, '..');
const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js');

const USAGE = 'Usage: npm run test:matrix -- [--only <major>,<major>…] [--jobs <count>]';

/** Tests of what is the same for every release, and is run by `npm test`: the plain C++, the types, the benchmark. */
const LEFT_OUT = ['native/**', 'packaging/{bench,bench-report,types/types}.test.js'];

const ROWS = [
  { major: 20 },
  { major: 22 },
  { major: 22, flag: '--experimental-async-context-frame' },
  { major: 24 },
  { major: 24, flag: '--no-async-context-frame' },
  { major: 26 },
  { major: 26, flag: '--no-async-context-frame' },
];

/** The rows of some majors, separated by commas. */
function rowsOf(only) {
  if (only === undefined) return ROWS;
  const known = [...new Set(ROWS.map(({ major }) => String(major)))];
  const majors = only.split(',');
  const unknown = majors.find((major) => !known.includes(major));
  if (unknown !== undefined) {
    throw new TypeError(`--only must be majors out of ${known.join(',')}, but there is '${unknown}'`);
  }
  return ROWS.filter(({ major }) => majors.includes(String(major)));
}

/** How many rows are run at a time. */
function jobsOf(jobs) {
  if (!/^[1-9]\d*$/.test(jobs)) throw new TypeError(`--jobs must be a whole number from 1, but is '${jobs}'`);
  return Number(jobs);
}

/** Ends with the output when the process does. */
async function run(command, args, options) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { code, output };
}

/** Reads a number off the summary of a mocha reporter. */
function countOf(output, what) {
  return Number(new RegExp(`^ *(\\d+) ${what}`, 'm').exec(output)?.[1] ?? 0);
}

/** The titles of the tests that failed, off the list at the end of the output of a mocha reporter. */
function failedIn(output) {
  return Array.from(output.matchAll(/^ {2}\d+\) ([^]*?):$/gm), ([, title]) => title.replace(/\s+/g, ' '));
}

/** The binaries of the releases that were asked for: two rows of one release may run at the same time. */
const binaries = new Map();

function binaryOf(major) {
  if (!binaries.has(major)) binaries.set(major, fetchNode(major));
  return binaries.get(major);
}

/** Runs the suite, and returns the row of the table. */
async function test({ major, flag }) {
  const row = { release: String(major), flag: flag ?? '', engine: '', passing: 0, failing: 0, duration: '' };
  let node;
  try {
    node = await binaryOf(major);
  } catch (error) {
    console.error(error.message);
    return { ...row, engine: 'not fetched', ok: false };
  }
  // On the command line and in the environment: a test may start a Node.js that is to be like its own.
  const flags = flag === undefined ? [] : [flag];
  const env = { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ') };
  const about = 'console.log(process.version); console.log(require("context").engine)';
  const asked = spawnSync(node, [...flags, '-e', about], { cwd: root, env, encoding: 'utf8' });
  const [release = row.release, engine = 'none'] = asked.stdout.trim().split('\n');
  console.log(`Testing on Node.js ${release} ${row.flag}`.trimEnd());
  const start = process.hrtime.bigint();
  const leftOut = LEFT_OUT.flatMap((pattern) => ['--ignore', `test/${pattern}`]);
  const { code, output } = await run(node, [...flags, mocha, ...leftOut], { env });
  const duration = `${(Number(process.hrtime.bigint() - start) / 1e9).toFixed(1)} s`;
  if (code !== 0) console.log(`${asked.stderr}${output}`);
  const summary = stripVTControlCharacters(output);
  const counts = { passing: countOf(summary, 'passing'), failing: countOf(summary, 'failing') };
  return { ...row, release, engine, ...counts, duration, ok: code === 0, failed: failedIn(summary) };
}

function print(rows) {
  const columns = ['release', 'flag', 'engine', 'passing', 'failing', 'duration'];
  console.log(
    table(
      columns,
      rows.map((row) => columns.map((column) => row[column])),
    ),
  );
  // Behind the table, as whoever reads the end of a log alone asks for them first.
  for (const { release, flag, failed = [] } of rows) {
    for (const title of failed) console.log(`Failed on Node.js ${release} ${flag}`.trimEnd() + `: ${title}`);
  }
}

async function main() {
  const options = { only: { type: 'string' }, jobs: { type: 'string', default: '1' } };
  const { rows, jobs } = readOptions(USAGE, options, (values) => ({ rows: rowsOf(values.only), jobs: jobsOf(values.jobs) }));
  const results = [];
  const waiting = rows.entries();
  const worker = async () => {
    for (const [index, row] of waiting) results[index] = await test(row);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  print(results);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
}

main();
