'use strict';

/**
 * Tests what the docs promise about an observer, on each release of Node.js with each engine: `node tools/test-observers.js usage`,
 * `watchdog`, `profiler`.
 *
 *   usage      200 concurrent pieces of four kinds of work. Each kind measures its own time, which lacks the time between two steps:
 *              on a busy machine the median of `--rounds` counts. Workers that are measured are terminated
 *   watchdog   every kind of block, by one request of fifty, before and after an await, in the main thread and in a worker; false
 *              alarms under load for `--minutes`; starts and stops; workers that are terminated
 *   profiler   samples with known owners, in the main thread and in a worker; memory over many profiles; the file of a server with
 *              four tenants, read by `go tool pprof` (Debian: golang-go), if that is installed
 */

require('./prepare');

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const { KINDS, Subject } = require('../test/observing/watchdog/subject');
const { choice, list, number, readOptions } = require('./support/options');
const { forEachRelease, nodeOption } = require('./support/releases');
const { inTemporaryFolder, root, run } = require('./support/run');
const { median } = require('./support/statistics');
const { table } = require('./support/table');

/** How much a kind's time may differ from its own measurement, and the sum of the rows from the wall time. */
const MOST_OFF = { kind: 0.02, sum: 0.01 };

/** How late after the threshold the watchdog may write a line, in milliseconds. */
const LATE = 50;

/** The share of samples with known owners that may lack a label. */
const MOST_UNLABELLED = 0.001;

/** How many megabytes the memory may grow from the first third of the profiles to the last one. */
const MOST_GROWTH = 3;

const percent = (part) => `${(100 * part).toFixed(2)} %`;

/** Runs a program of tools/observers with a release. Resolves to its last line, parsed if it is JSON. */
async function runProgram({ node, flags }, file, ...args) {
  const program = path.join(root, 'tools', 'observers', file);
  const { code, stdout, output } = await run(node, ['--expose-gc', ...flags, program, ...args.map(String)]);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}: ${output.slice(-2000)}`);
  const last = stdout.trim().split('\n').at(-1);
  return last.startsWith('{') || last.startsWith('[') ? JSON.parse(last) : last;
}

/** Terminates observed workers. */
async function* terminateWorkers(release, observer, workers) {
  if (workers > 0) yield { text: await runProgram(release, 'workers.js', observer, workers), isRight: true };
}

async function* testUsage(release, { rounds, pieces, workers }) {
  const results = [];
  for (let round = 0; round < rounds; round++) results.push(await runProgram(release, 'programs.js', 'usage', pieces));
  if (rounds > 0) {
    const off = Object.keys(results[0].kinds).map((kind) => [kind, median(results.map(({ kinds }) => kinds[kind]))]);
    const sum = Math.max(...results.map((result) => Math.abs(result.sum)));
    const isExact = off.every(([, part]) => Math.abs(part) <= MOST_OFF.kind) && sum <= MOST_OFF.sum;
    const shown = [...off, ['the rows, of the wall time', sum]].map(([what, part]) => [what, percent(part)]);
    const text = `off by: ${shown.map((each) => each.join(' ')).join(', ')}`;
    yield { text, isRight: isExact && results[0].engine === release.engine, row: Object.fromEntries(shown) };
  }
  yield* terminateWorkers(release, 'usage', workers ?? 200);
}

async function blockAll({ node, flags }, thread, { runs, threshold, kinds }) {
  const subject = await Subject.start({ thread, threshold, blockTime: 1.6 * threshold, node, args: flags });
  const wrong = [];
  let blocks = 0;
  let latest = 0;
  try {
    for (let round = 0; round < runs; round++) {
      for (const [kind, when] of kinds.flatMap((each) => ['before', 'after'].map((moment) => [each, moment]))) {
        const { problems, late } = await subject.block(kind, when);
        blocks++;
        latest = Math.max(latest, late);
        if (late > LATE) problems.push(`${late} ms late`);
        if (problems.length > 0) wrong.push(`\n  ${kind}, ${when}: ${problems.join('; ')}`);
      }
    }
  } finally {
    await subject.stop();
  }
  const text = `${thread}: ${blocks} blocks, ${wrong.length} wrong, missed or late, the latest by ${latest.toFixed(1)} ms${wrong.join('')}`;
  return { text, isRight: wrong.length === 0 };
}

async function* testWatchdog(release, options) {
  if (options.runs > 0) for (const thread of ['main', 'worker']) yield await blockAll(release, thread, options);
  const { starts, minutes } = options;
  if (starts > 0) yield { text: await runProgram(release, 'programs.js', 'starts', starts), isRight: true };
  if (minutes > 0) yield { text: await runProgram(release, 'programs.js', 'load', minutes), isRight: true };
  yield* terminateWorkers(release, 'watchdog', options.workers ?? 1000);
}

/** Checks that pprof shows the profile's time for each tenant. */
async function comparePprof(release, folder) {
  const file = path.join(folder, 'tenants.pb.gz');
  const rows = await runProgram(release, 'programs.js', 'tenants', file);
  const go = (...args) => spawnSync('go', ['tool', 'pprof', ...args, file], { encoding: 'utf8' });
  if (go('-tags').error) return { text: 'pprof: go is not installed', isRight: true };
  const tenants = rows.filter(({ value }) => value !== undefined);
  const wrong = tenants.filter(({ value, time }) => {
    const { stdout } = go('-top', '-nodefraction=0', '-nodecount=10000', '-unit=ms', `-tagfocus=tenant=${value}`);
    const shown = Number(/Showing nodes accounting for ([\d.]+)ms/.exec(stdout)?.[1]);
    return !(Math.abs(shown - time) <= 1 + time / 100);
  });
  const shares = tenants.map(({ value, share }) => `${value} ${percent(share)}`).join(', ');
  const text = `pprof: ${shares}; ${tenants.length - wrong.length} of ${tenants.length} tenants right`;
  return { text, isRight: tenants.length === 4 && wrong.length === 0 };
}

async function* testProfiler(release, { samples, profiles }) {
  for (const thread of ['main', 'worker']) {
    const { known, unlabelled, wrong, kinds } = await runProgram(release, 'programs.js', 'accuracy', samples, thread);
    const shown = Object.entries(kinds).map((each) => each.reverse().join(' '));
    const text = `${thread}: ${known} samples with known owners (${shown.join(', ')}), ${unlabelled} without a label, ${wrong.length} wrong`;
    const isRight = wrong.length === 0 && unlabelled <= known * MOST_UNLABELLED;
    yield { text: [text, ...wrong.slice(0, 3)].join('\n  '), isRight };
  }
  const { samples: all, first, last } = await runProgram(release, 'programs.js', 'memory', profiles);
  const sizes = `${first.toFixed(1)} MB in the first third of ${profiles} profiles, ${last.toFixed(1)} MB in the last one`;
  yield { text: `memory: ${sizes}; ${all} samples`, isRight: last - first < MOST_GROWTH };
  yield await inTemporaryFolder((folder) => comparePprof(release, folder));
}

const observers = { usage: testUsage, watchdog: testWatchdog, profiler: testProfiler };

async function main() {
  const options = {
    ...{ node: nodeOption(), workers: number(undefined), rounds: number(5), pieces: number(400, { least: 1 }) },
    ...{ runs: number(5), threshold: number(1000, { least: 1 }), kinds: list(KINDS), starts: number(10_000) },
    ...{ minutes: number(10, { whole: false }), samples: number(10_000), profiles: number(30, { least: 3 }) },
  };
  const { word: observer, node: majors, ...effort } = readOptions(options, { word: choice('usage', Object.keys(observers)) });
  const rows = [];
  await forEachRelease(majors, async (release) => {
    for await (const { text, isRight, row } of observers[observer](release, effort)) {
      console.log(`${release.title}: ${isRight ? '' : 'WRONG: '}${text}`);
      if (!isRight) process.exitCode = 1;
      if (row) rows.push({ '': release.title, ...row });
    }
  });
  if (rows.length > 0) console.log(table(Object.keys(rows[0]), rows.map(Object.values)));
}

main();
