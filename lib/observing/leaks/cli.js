'use strict';

const fs = require('node:fs');
const { parseArgs } = require('node:util');

const { escapeText } = require('../profiler/cli/table');
const { explainSnapshot } = require('./explain');

const HELP = `Usage: context-leaks [options] file.heapsnapshot

Says what holds the contexts that have ended, in a heap snapshot of a program that uses context/leaks: one that its
writeSnapshot() wrote, or one of Node.js (--heapsnapshot-signal, --heapsnapshot-near-heap-limit).

  --older-than <seconds>   only those that ended so long ago, in files of writeSnapshot(); 10 by default
  --json                   print JSON, with each node on the way to the first context of a group
  --help                   show this
`;

const options = {
  'older-than': { type: 'string', default: '10' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

function textOf({ groups }) {
  if (groups.length === 0) return 'no context that has ended is held\n';
  const width = Math.max(...groups.map(({ count }) => `${count}`.length));
  const lines = groups.map(({ count, label, line }) => `${`${count}`.padStart(width)} × ${label}: ${line}`);
  return lines.map((line) => `${escapeText(line)}\n`).join('');
}

/** @returns {Promise<string>} what the command prints */
async function run(args) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (values.help) return HELP;
  const seconds = values['older-than'];
  if (seconds.trim() === '' || !(Number(seconds) >= 0)) {
    throw new Error(`--older-than must be a number of seconds, but it is '${seconds}'`);
  }
  if (positionals.length !== 1) throw new Error('Pass one file: context-leaks [options] file.heapsnapshot');
  const explained = await explainSnapshot(fs.createReadStream(positionals[0]), Number(seconds) * 1000);
  return values.json ? `${JSON.stringify(explained, undefined, 2)}\n` : textOf(explained);
}

/** Runs the command. @returns {Promise<number>} the exit code: 2 if the command line or the file is wrong */
async function main(args) {
  try {
    process.stdout.write(await run(args));
    return 0;
  } catch (error) {
    process.stderr.write(`context-leaks: ${escapeText(error.message)}\n`);
    return 2;
  }
}

module.exports = { main };
