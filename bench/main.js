'use strict';

/**
 * `npm run bench`: measures this package and others, and the cost of each part. Prints tables, and compares them with the goals
 * (docs/benchmarks.md). Options after `--`: `--node 20,22,24,26` for these releases, `--only await,memory` for some measures or
 * groups, `--rounds 3`, `--json FILE` to write the results (`-` prints them instead of the tables), `--quick` for a run of a minute
 * that only shows that everything works.
 */

require('../tools/prepare');

const { writeFileSync } = require('node:fs');
const os = require('node:os');

const { SingleBar } = require('cli-progress');

const { fetchNode } = require('../tools/support/fetch');
const { flag, list, number, readOptions, text } = require('../tools/support/options');
const { nodeOption } = require('../tools/support/releases');
const { run: runNode } = require('../tools/support/run');
const catalogue = require('./catalogue');
const { report } = require('./markdown');
const { measurePrices, prices } = require('./prices');
const { run } = require('./run');
const { subjects } = require('./subjects');

/**
 * The effort per figure: the number of rounds; the milliseconds for which an operation is timed; the seconds for which a server gets
 * requests; the requests before resident memory is measured; the turns of each process of prices.js.
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
 * Plans the jobs for one Node.js, in rounds: each measure with all subjects in turn, so that other load on the machine affects all of
 * them. `count` is the number of namespaces, 0 for subjects without any.
 */
function plan(engines, { rounds }, only) {
  const measures = catalogue.filter(({ name, group }) => only.includes(name) || only.includes(group));
  const inRound = (_, round) => measures.flatMap((measure) => jobsOf(measure, engines, round));
  return Array.from({ length: rounds }, inRound).flat();
}

/** Fetches a release, with the engine that this package chooses on it, and all engines. */
async function release(major) {
  const node = await fetchNode(major);
  const program = "console.log(JSON.stringify([process.version, require('context').engine]))";
  const { stdout } = await runNode(node, ['-e', program]);
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

/** Formats results as JSON with one figure per line. */
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
