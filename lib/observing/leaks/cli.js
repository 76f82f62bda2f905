'use strict';

const fs = require('node:fs');
const { parseArgs } = require('node:util');

const { escapeText } = require('../profiler/cli/table');
const { explainSnapshot } = require('./explain');

const MILLISECONDS = 1000;

const HELP = `Usage: context-leaks [options] file.heapsnapshot

Says what holds the contexts that have ended, in a heap snapshot of a program that uses context/leaks: one that its
writeSnapshot() wrote, or one of Node.js (--heapsnapshot-signal, --heapsnapshot-near-heap-limit).

  --older-than <seconds>   only those that ended so long ago, in files of writeSnapshot(); 10 by default
  --chain                  each node on the way to the first context of a group
  --json                   print JSON
  --help                   show this
`;

const options = {
  'older-than': { type: 'string', default: '10' },
  chain: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

function parse(args) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (values.help) return { help: true };
  const seconds = values['older-than'];
  const olderThan = Number(seconds) * MILLISECONDS;
  if (seconds.trim() === '' || !(olderThan >= 0)) {
    throw new Error(`--older-than must be a number of seconds, but it is '${seconds}'`);
  }
  if (positionals.length !== 1) throw new Error('Pass one file: context-leaks [options] file.heapsnapshot');
  return { file: positionals[0], olderThan, chain: values.chain, json: values.json };
}

function* linesOf({ groups }, chain) {
  if (groups.length === 0) yield 'no context that has ended is held';
  const width = Math.max(0, ...groups.map(({ count }) => `${count}`.length));
  for (const group of groups) {
    yield `${`${group.count}`.padStart(width)} × ${group.label}: ${group.line}`;
    if (chain) for (const node of group.chain) yield `${' '.repeat(width + 3)}${node}`;
  }
}

/**
 * Runs the command.
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 2 if the command line or the file is wrong
 */
async function main(args) {
  try {
    const { help, file, olderThan, chain, json } = parse(args);
    if (help) {
      process.stdout.write(HELP);
      return 0;
    }
    const explained = await explainSnapshot(fs.createReadStream(file), olderThan);
    const lines = json ? [JSON.stringify(explained, undefined, 2)] : Array.from(linesOf(explained, chain), escapeText);
    process.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`context-leaks: ${escapeText(error.message)}\n`);
    return 2;
  }
}

module.exports = { main };
