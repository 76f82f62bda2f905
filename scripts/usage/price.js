'use strict';

/**
 * Measures what it costs to count usage: `npm run bench:usage`. With `--write` the table goes into docs/usage.md. Requests are in
 * microseconds of the server's CPU time, an `await` in nanoseconds; medians of several rounds, each of which measures all modes, and beside
 * them how often what it takes with nothing on.
 */

const { execFileSync, fork } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { load } = require('../../bench/measures/load');
const { fetchNode } = require('../fetch-node');
const { replacePart } = require('../support/document');
const { readOptions } = require('../support/options');
const { quantile } = require('../support/statistics');
const { table } = require('../support/table');
const { chooseReleases } = require('./releases');

const USAGE = 'Usage: npm run bench:usage -- [--rounds <number>] [--seconds <number>] [--node 20,24] [--write]';
const OPTIONS = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '2' },
  node: { type: 'string' },
  write: { type: 'boolean', default: false },
};

const file = path.join(__dirname, '..', '..', 'docs', 'usage.md');
const program = path.join(__dirname, 'price-child.js');
const MODES = ['off', 'tracked', 'on'];
const CASES = [
  ['a bare request, µs', 'bare', 1],
  ['a request with ten awaits, µs', 'ten awaits', 1],
  ['an `await`, ns', 'awaits', 0],
];

async function measureOnce(execPath, args, name, mode, seconds) {
  if (name === 'awaits') return JSON.parse(execFileSync(execPath, [...args, program, name, mode], { encoding: 'utf8' }));
  const server = fork(program, [name, mode], { execPath, execArgv: args });
  return (await load(server, { seconds })).cpu;
}

/** A cell for each mode. */
async function measure(execPath, args, [, name, digits], { rounds, seconds }) {
  const values = Object.fromEntries(MODES.map((mode) => [mode, []]));
  for (let round = 0; round < rounds; round++) {
    for (const mode of MODES) values[mode].push(await measureOnce(execPath, args, name, mode, seconds));
  }
  return MODES.map((mode) => {
    const time = quantile(values[mode], 0.5).toFixed(digits);
    if (mode === 'off') return time;
    const ratios = values[mode].map((value, round) => value / values.off[round]);
    return `${time} (${quantile(ratios, 0.5).toFixed(2)})`;
  });
}

async function main() {
  const { releases, write, ...effort } = readOptions(USAGE, OPTIONS, ({ rounds, seconds, node, write: writes }) => {
    if (!/^[1-9]\d{0,3}$/.test(rounds)) throw new TypeError(`--rounds must be a number from 1 on, but it is '${rounds}'`);
    if (!(Number(seconds) > 0)) throw new TypeError(`--seconds must be a number above 0, but it is '${seconds}'`);
    return { releases: chooseReleases(node), rounds: Number(rounds), seconds: Number(seconds), write: writes };
  });
  const rows = [];
  for (const [title, major, args] of releases) {
    const execPath = await fetchNode(major);
    rows.push([title]);
    for (const each of CASES) {
      rows.push([each[0], ...(await measure(execPath, args, each, effort))]);
      console.log(title, rows.at(-1).join('  '));
    }
  }
  const made = table(['', ...MODES], rows);
  console.log(made);
  if (write) writeFileSync(file, replacePart(readFileSync(file, 'utf8'), 'price', made));
}

main();
