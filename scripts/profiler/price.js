'use strict';

/**
 * Measures what the profiler costs an HTTP request: `npm run bench:profiler`. Writes the table into docs/profiler.md with `--write`.
 */

const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');

const autocannon = require('autocannon');

const { replacePart } = require('../support/document');
const { readOptions } = require('../support/options');
const { quantile } = require('../support/statistics');
const { table } = require('../support/table');
const { ROWS, binaryOf } = require('./releases');

const file = path.join(__dirname, '..', '..', 'docs', 'profiler.md');
const USAGE = 'Usage: npm run bench:profiler -- [--rounds <number>] [--only 20,24] [--interval <ms>] [--write]';
const OPTIONS = {
  rounds: { type: 'string', default: '30' },
  only: { type: 'string', default: '20,22,24,26' },
  interval: { type: 'string', default: '1' },
  write: { type: 'boolean', default: false },
};

const CONNECTIONS = 10;

/** In each turn. */
const REQUESTS = 3000;

/** How many turns come first that are not counted. */
const WARM = 4;

const CASES = ['off', 'sampler', 'tracker', 'profiler'];

function checked(values) {
  for (const name of ['rounds', 'interval']) {
    if (!(Number(values[name]) > 0)) throw new TypeError(`--${name} must be a number above 0, but it is '${values[name]}'`);
  }
  return { ...values, rounds: Math.ceil(values.rounds), releases: values.only.split(',') };
}

/** Sends some requests, and tells the microseconds of CPU time that the server took for each. */
async function shoot({ server, port }) {
  const before = await ask(server);
  const result = await autocannon({ url: `http://127.0.0.1:${port}`, connections: CONNECTIONS, amount: REQUESTS });
  if (result.errors > 0 || result.non2xx > 0) throw new Error('some requests failed');
  return ((await ask(server)) - before) / REQUESTS;
}

async function ask(server) {
  server.send('cpu');
  const [{ cpu }] = await once(server, 'message');
  return cpu;
}

async function begin(name, interval, execPath, execArgv) {
  const server = fork(path.join(__dirname, 'price-child.js'), [name, interval], { execPath, execArgv });
  const [{ port }] = await once(server, 'message');
  return { server, port };
}

/**
 * The microseconds of CPU time a request when nothing is on, and what it is times that in each case. All servers are there at once and
 * take turns of a fraction of a second, so that what else the machine does hits them alike. Medians of the rounds.
 */
async function measure(execPath, flags, { rounds, interval }) {
  const servers = [];
  for (const name of CASES) servers.push(await begin(name, interval, execPath, flags));
  for (let round = 0; round < WARM; round++) for (const server of servers) await shoot(server);
  const times = [];
  const ratios = CASES.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const cpu = [];
    for (const server of servers) cpu.push(await shoot(server));
    times.push(cpu[0]);
    cpu.forEach((time, index) => ratios[index].push(time / cpu[0]));
  }
  for (const { server } of servers) server.disconnect();
  return { off: quantile(times, 0.5), ratios: ratios.slice(1).map((values) => quantile(values, 0.5)) };
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
