'use strict';

/**
 * Measures what it costs to count usage: `npm run bench:usage`. With `--write` the table goes into docs/usage.md. Requests are in
 * microseconds of the server's CPU time, an `await` in nanoseconds: medians, and beside them how often what it takes with nothing on.
 */

const { fork } = require('node:child_process');
const { once } = require('node:events');
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const autocannon = require('autocannon');

const { fetchNode } = require('../fetch-node');
const { replacePart } = require('../support/document');
const { readOptions } = require('../support/options');
const { quantile } = require('../support/statistics');
const { table } = require('../support/table');
const { chooseReleases } = require('./releases');

const USAGE = 'Usage: npm run bench:usage -- [--seconds <number>] [--node 20,24] [--write]';
const OPTIONS = {
  seconds: { type: 'string', default: '20' },
  node: { type: 'string' },
  write: { type: 'boolean', default: false },
};

const CONNECTIONS = 10;
const MODES = ['off', 'tracked', 'on'];
const CASES = [
  ['a bare request, µs', 'bare', 1],
  ['a request with ten awaits, µs', 'ten awaits', 1],
  ['an `await`, ns', 'awaits', 0],
];

const file = path.join(__dirname, '..', '..', 'docs', 'usage.md');

/** Has a case measured, in a process of its own. Resolves to what each turn took, by the mode. */
async function measure(execPath, execArgv, name, seconds) {
  const child = fork(path.join(__dirname, 'price-child.js'), [name], { execPath, execArgv });
  let [told] = await once(child, 'message');
  if (name !== 'awaits') {
    const options = { url: `http://127.0.0.1:${told.port}`, connections: CONNECTIONS, duration: seconds };
    const { errors, non2xx } = await autocannon(options);
    if (errors + non2xx > 0) throw new Error(`${errors + non2xx} of the requests failed`);
    child.send('tell');
    [told] = await once(child, 'message');
  }
  child.disconnect();
  return told;
}

function cellsOf(told, digits) {
  const medians = MODES.map((mode) => quantile(told[mode], 0.5));
  return medians.map((median, index) =>
    index === 0 ? median.toFixed(digits) : `${median.toFixed(digits)} (${(median / medians[0]).toFixed(2)})`,
  );
}

async function main() {
  const { releases, seconds, write } = readOptions(USAGE, OPTIONS, ({ seconds: text, node, write: writes }) => {
    if (!(Number(text) >= 5)) throw new TypeError(`--seconds must be a number from 5 on, but it is '${text}'`);
    return { releases: chooseReleases(node), seconds: Number(text), write: writes };
  });
  const rows = [];
  for (const [title, major, args] of releases) {
    const execPath = await fetchNode(major);
    rows.push([title]);
    for (const [what, name, digits] of CASES) {
      rows.push([what, ...cellsOf(await measure(execPath, args, name, seconds), digits)]);
      console.log(title, rows.at(-1).join('  '));
    }
  }
  const made = table(['', ...MODES], rows);
  console.log(made);
  if (write) writeFileSync(file, replacePart(readFileSync(file, 'utf8'), 'price', made));
}

main();
