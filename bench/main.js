'use strict';

/**
 * `npm run bench`: measures this package and others, and what each part costs; prints tables, with the goals (docs/benchmarks.md). `-- --node 20,22,24,26` with
 * these releases, `--only await,memory` some measures or groups of them, `--rounds 3` how often, `--json FILE` (or `-` for standard output in
 * place of the tables) writes the results; `--quick` is done within a minute, and shows no more than that all of it works.
 */

require('../tools/prepare');

const { execFile } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const os = require('node:os');
const { promisify } = require('node:util');

const { SingleBar } = require('cli-progress');

const { fetchNode } = require('../tools/support/fetch');
const { flag, list, number, readOptions, text } = require('../tools/support/options');
const { nodeOption } = require('../tools/support/releases');
const { root } = require('../tools/support/run');
const catalogue = require('./catalogue');
const { report } = require('./markdown');
const { measurePrices, prices } = require('./prices');
const { run } = require('./run');
const { subjects } = require('./subjects');

/**
 * How much is done for a figure: how often all of it is measured; the milliseconds for which an operation is timed, the seconds for which
 * requests are sent to a server, the requests after which the resident memory is read; the turns of each process that prices.js measures.
 */
const efforts = {
  full: { rounds: 5, time: 100, seconds: 1.2, requests: 1_000_000, turns: 30 },
  quick: { rounds: 1, time: 20, seconds: 0.3, requests: 20_000, turns: 1 },
};

/** The names for `--only`. */
const selectable = [...new Set(catalogue.flatMap(({ name, group }) => [group, name])), ...Object.keys(prices)];

function jobsOf(measure, engines, round) {
  if (measure.once && round > 0) return [];
  const running = Object.entries(subjects).filter(([, { engine }]) => engine === undefined || engines.includes(engine));
  return measure.counts.flatMap((count, i) =>
    running
      .filter(([, { counted }]) => counted || (i === 0 && measure.group !== 'using'))
      .filter(([, { isBeside }]) => !isBeside || (measure.beside && count === 1))
      .map(([subject, { counted }]) => ({ round, measure: measure.name, subject, count: counted ? count : 0 })),
  );
}

/**
 * The jobs for one Node.js, in order: each measure with the subjects in turn, so that whatever else the machine does hits all of them alike,
 * in several rounds. The `count` of a job is the number of namespaces, 0 for subjects that have none.
 */
function plan(engines, { rounds }, only) {
  const measures = catalogue.filter(({ name, group }) => only.includes(name) || only.includes(group));
  const inRound = (_, round) => measures.flatMap((measure) => jobsOf(measure, engines, round));
  return Array.from({ length: rounds }, inRound).flat();
}

/** A release: the path of its binary; the engine that this package chooses with it, and all that it has. */
async function release(major) {
  const node = await fetchNode(major);
  const program = "console.log(JSON.stringify([process.version, require('context').engine]))";
  const { stdout } = await promisify(execFile)(node, ['-e', program], { cwd: root });
  const [version, engine] = JSON.parse(stdout);
  return { node, version, engine, engines: [...new Set(['async-hooks', engine])] };
}

async function measureAll({ node: majors, only, effort }) {
  const releases = [];
  for (const major of majors) releases.push(await release(major));
  const jobs = releases.map(({ engines }) => plan(engines, effort, only));
  const priced = only.filter((name) => name in prices);
  const pricedMeasures = priced.flatMap((name) => Object.keys(prices[name].measures)).length * releases.length;

  const format = '{bar} {percentage} %, {eta_formatted} left: {version} {measure} {subject}';
  const bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true, etaBuffer: 100 });
  bar.start(jobs.flat().length + pricedMeasures, 0, { version: '', measure: '', subject: '' });
  const runs = [];
  try {
    for (const [i, { node, version, engine }] of releases.entries()) {
      const figures = await run(node, jobs[i], effort, (job) => bar.increment({ ...job, version }));
      const tick = (measure, subject) => bar.increment({ measure, subject, version });
      runs.push({ version, engine, figures, prices: await measurePrices(node, priced, effort.turns, tick) });
    }
  } finally {
    bar.stop();
  }
  return runs;
}

/** JSON with each figure on one line. */
const stringify = (result) =>
  `${JSON.stringify(result, null, 2).replace(/\{\s+"figure"[^}]*\}|\[[^[\]{}]*\]/g, (entry) => entry.replace(/\s+/g, ' '))}\n`;

async function main() {
  const options = readOptions({
    node: nodeOption([process.versions.node.split('.')[0]]),
    ...{ only: list(selectable), rounds: number(undefined, { least: 1 }), quick: flag(), json: text() },
  });
  const { quick, rounds, json } = options;
  const effort = { ...efforts[quick ? 'quick' : 'full'], ...(rounds && { rounds }) };
  const args = process.argv.slice(2);
  const result = {
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    machine: `${os.platform()} ${os.arch()}, ${os.availableParallelism()} cores`,
    ...{ quick, effort },
    runs: await measureAll({ ...options, effort }),
  };
  if (json === '-') {
    process.stdout.write(stringify(result));
  } else {
    if (json !== undefined) writeFileSync(json, stringify(result));
    console.log(report(result, { withGoals: true }));
  }
}

main();
