'use strict';

/**
 * Measures what the watchdog and labels cost, with nothing watched and while it runs: `npm run bench:watchdog`. Writes the table into
 * docs/watchdog.md. Each number is the best of several runs, each in a process of its own.
 */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { replacePart } = require('../support/document');
const { table } = require('../support/table');

const root = path.join(__dirname, '..', '..');
const file = path.join(root, 'docs', 'watchdog.md');

const PROCESSES = 3;

/** What is measured, by the environment of the process that does. */
const CASES = [
  ['nothing exposed, not watched', {}],
  ['one key exposed, not watched', { EXPOSE: '1' }],
  ['nothing exposed, watched', { WATCH: '1' }],
  ['one key exposed, watched', { EXPOSE: '1', WATCH: '1' }],
];

const RELEASES = [
  ['20, async-hooks', '20', []],
  ['22, async-hooks', '22', []],
  ['24, async-context-frame', '24', []],
  ['24, async-hooks', '24', ['--no-async-context-frame']],
  ['26, async-context-frame', '26', []],
];

function binaryOf(release) {
  if (process.version.startsWith(`v${release}.`)) return process.execPath;
  return path.join(root, '.cache', `node-${release}`, 'node_modules', 'node', 'bin', 'node');
}

function measure(release, args, env) {
  const runs = Array.from({ length: PROCESSES }, () => {
    const options = { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } };
    return JSON.parse(execFileSync(binaryOf(release), [...args, path.join(__dirname, 'price-child.js')], options));
  });
  return Object.keys(runs[0]).map((name) => `${Math.round(Math.min(...runs.map((one) => one[name])))}`);
}

const rows = [];
for (const [title, release, args] of RELEASES) {
  if (!fs.existsSync(binaryOf(release))) continue;
  rows.push([title]);
  for (const [what, env] of CASES) rows.push([what, ...measure(release, args, env)]);
}
const made = table(['ns', 'a context with one value', '`set`', '`await`'], rows);
console.log(made);
fs.writeFileSync(file, replacePart(fs.readFileSync(file, 'utf8'), 'price', made));
