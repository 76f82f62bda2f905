'use strict';

/**
 * Shows what docs/usage.md says of how exact it is: `npm run test:usage`. On each release of Node.js, with each engine, four kinds of work
 * take turns, 200 pieces at a time, and workers that are counted are terminated. The exit code is 1 if anything was not as it should be.
 *
 * Each kind keeps the time by a clock of its own, which does not see what happens between two of its steps. On a machine that is busy with
 * other things that may be a lot, so that the median of several rounds counts.
 */

const { execFileSync, spawnSync } = require('node:child_process');
const path = require('node:path');

const { fetchNode } = require('../fetch-node');
const { readOptions } = require('../support/options');
const { quantile } = require('../support/statistics');
const { table } = require('../support/table');
const { chooseReleases } = require('./releases');

const USAGE = 'Usage: npm run test:usage -- [--rounds <number>] [--pieces <number>] [--workers <number>] [--node 20,24]';
const OPTIONS = {
  rounds: { type: 'string', default: '5' },
  pieces: { type: 'string', default: '400' },
  workers: { type: 'string', default: '200' },
  node: { type: 'string' },
};

/** By how much the time of a kind may differ from its own clock, and the rows from the wall time. */
const MOST = 0.02;
const MOST_OF_SUM = 0.01;

function checked({ node, ...values }) {
  for (const [name, value] of Object.entries(values)) {
    if (!/^\d{1,6}$/.test(value)) throw new TypeError(`--${name} must be a number, but it is '${value}'`);
  }
  return { releases: chooseReleases(node), rounds: Number(values.rounds), pieces: values.pieces, workers: values.workers };
}

const percent = (part) => `${(100 * part).toFixed(2)} %`;

async function main() {
  const { releases, rounds, pieces, workers } = readOptions(USAGE, OPTIONS, checked);
  const lines = [];
  let isRight = true;
  for (const [title, major, args] of releases) {
    const node = await fetchNode(major);
    const results = Array.from({ length: rounds }, () => {
      const child = [...args, path.join(__dirname, 'accuracy.js'), pieces];
      return JSON.parse(execFileSync(node, child, { encoding: 'utf8' }));
    });
    if (rounds > 0) {
      const kinds = Object.keys(results[0].kinds);
      const medians = kinds.map((kind) =>
        quantile(
          results.map((result) => result.kinds[kind]),
          0.5,
        ),
      );
      const sum = Math.max(...results.map((result) => Math.abs(result.sum)));
      isRight &&=
        medians.every((median) => Math.abs(median) <= MOST) && sum <= MOST_OF_SUM && title.endsWith(results[0].engine);
      if (lines.length === 0) lines.push(['', ...kinds, 'the rows, of the wall time']);
      lines.push([title, ...medians.map(percent), percent(sum)]);
      console.log(lines.at(-1).join('  '));
    }
    if (workers === '0') continue;
    const { status, signal, stderr } = spawnSync(node, [...args, path.join(__dirname, 'workers.js'), workers], {
      encoding: 'utf8',
    });
    isRight &&= status === 0;
    console.log(`${title}: ${workers} workers were terminated: ${status === 0 ? 'right' : (signal ?? stderr.slice(-2000))}`);
  }
  if (lines.length > 0) console.log(table(lines[0], lines.slice(1)));
  process.exitCode = isRight ? 0 : 1;
}

main();
