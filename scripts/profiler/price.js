'use strict';

/**
 * Measures what the profiler costs an HTTP request: `npm run bench:profiler`. Writes the table into docs/profiler.md with `--write`. The
 * cases take turns, as the machine may be busier in one round than in another; each is a process of its own.
 */

const { fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { load } = require('../../bench/measures/load');
const { replacePart } = require('../support/document');
const { readOptions } = require('../support/options');
const { quantile } = require('../support/statistics');
const { table } = require('../support/table');
const { ROWS, binaryOf } = require('./releases');

const file = path.join(__dirname, '..', '..', 'docs', 'profiler.md');
const USAGE =
  'Usage: npm run bench:profiler -- [--rounds <number>] [--seconds <number>] [--only 20,24] [--interval <ms>] [--write]';
const OPTIONS = {
  rounds: { type: 'string', default: '7' },
  seconds: { type: 'string', default: '3' },
  only: { type: 'string', default: '20,22,24,26' },
  interval: { type: 'string', default: '1' },
  write: { type: 'boolean', default: false },
};

const CASES = ['off', 'sampler', 'tracker', 'profiler'];

function checked(values) {
  for (const name of ['rounds', 'seconds', 'interval']) {
    if (!(Number(values[name]) > 0)) throw new TypeError(`--${name} must be a number above 0, but it is '${values[name]}'`);
  }
  return { ...values, rounds: Math.ceil(values.rounds), seconds: Number(values.seconds), releases: values.only.split(',') };
}

/** The microseconds of CPU time a request when nothing is on, and what it is times that in each case: medians of the rounds. */
async function measure(execPath, flags, { rounds, seconds, interval }) {
  const ratios = Object.fromEntries(CASES.map((name) => [name, []]));
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const cpu = {};
    for (const name of CASES) {
      const options = { execPath, execArgv: flags };
      const server = fork(path.join(__dirname, 'price-child.js'), [name, interval], options);
      ({ cpu: cpu[name] } = await load(server, { seconds }));
    }
    times.push(cpu.off);
    for (const name of CASES) ratios[name].push(cpu[name] / cpu.off);
  }
  return { off: quantile(times, 0.5), ratios: CASES.slice(1).map((name) => quantile(ratios[name], 0.5)) };
}

async function main() {
  const options = readOptions(USAGE, OPTIONS, checked);
  const rows = [];
  for (const { title, release, flags } of ROWS.filter((row) => options.releases.includes(row.release))) {
    const { off, ratios } = await measure(binaryOf(release), flags, options);
    rows.push([title, off.toFixed(1), ...ratios.map((ratio) => ratio.toFixed(2))]);
    console.log(rows.at(-1).join('  '));
  }
  const head = ['CPU time a request', 'off, µs', "V8's sampler alone", 'who runs alone', 'the profiler'];
  const made = table(head, rows);
  console.log(made);
  if (options.write) fs.writeFileSync(file, replacePart(fs.readFileSync(file, 'utf8'), 'price', made));
}

main();
