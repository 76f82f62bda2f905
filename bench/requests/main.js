'use strict';

/**
 * `npm run bench:requests`: what it costs a request that its code can look up whose it is, and writes that into docs/http.md.
 * `--rounds 5` is how often it is measured; `--node 24` with another release.
 */

const { fork } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { fetchNode } = require('../../scripts/fetch-node');
const { replacePart } = require('../../scripts/support/document');
const { readOptions } = require('../../scripts/support/options');
const { quantile } = require('../../scripts/support/statistics');
const { table } = require('../../scripts/support/table');
const { load } = require('../measures/load');
const { subjects } = require('./subjects');

const USAGE = 'Usage: npm run bench:requests -- [--rounds <number>] [--node <major>,<major>…] [--write]';
const OPTIONS = {
  rounds: { type: 'string', default: '5' },
  node: { type: 'string' },
  write: { type: 'boolean', default: false },
};

const file = path.join(__dirname, '..', '..', 'docs', 'http.md');
const SECONDS = 2;

/**
 * The microseconds of CPU time a request of each subject with one release, and what they are more than for nothing: taken in each round by
 * itself, as the machine may be busier in one than in another. Medians of the rounds.
 */
async function measure(execPath, rounds) {
  const names = Object.keys(subjects);
  const values = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const server = fork(path.join(__dirname, 'child.js'), [name], { execPath });
      const { cpu } = await load(server, { seconds: SECONDS });
      values[name].push(cpu);
    }
  }
  const medians = (name) => {
    const more = values[name].map((value, round) => value - values.nothing[round]);
    return { time: quantile(values[name], 0.5), more: quantile(more, 0.5) };
  };
  return Object.fromEntries(names.map((name) => [name, medians(name)]));
}

function cell(name, { time, more }) {
  return name === 'nothing' ? time.toFixed(1) : `${time.toFixed(1)} (${more < 0 ? '' : '+'}${more.toFixed(1)})`;
}

async function main() {
  const { rounds, majors, write } = readOptions(USAGE, OPTIONS, ({ rounds: text, node, ...others }) => {
    if (!/^[1-9]\d{0,3}$/.test(text)) throw new TypeError(`--rounds must be a number from 1 on, but it is '${text}'`);
    const wrong = node?.split(',').find((major) => !/^2\d$/.test(major));
    if (wrong !== undefined) throw new TypeError(`--node must be majors from 20 on, but there is '${wrong}'`);
    return { rounds: Number(text), majors: node?.split(',').map(Number) ?? [undefined], ...others };
  });
  const columns = [];
  for (const major of majors) {
    const execPath = major === undefined ? process.execPath : await fetchNode(major);
    const title = `Node.js ${major ?? process.version.slice(1)}`;
    columns.push({ title, times: await measure(execPath, rounds) });
  }
  const rows = Object.keys(subjects).map((name) => [name, ...columns.map(({ times }) => cell(name, times[name]))]);
  const made = table(['µs of CPU time a request', ...columns.map(({ title }) => title)], rows);
  console.log(made);
  if (write) writeFileSync(file, replacePart(readFileSync(file, 'utf8'), 'requests', made));
}

main();
