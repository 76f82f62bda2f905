'use strict';

const path = require('node:path');
const { parseArgs } = require('node:util');

const { LONGEST_PROFILE, SHORTEST_PROFILE } = require('../options');

const MILLISECONDS = 1000;

const HELP = `Usage: context-profile [options] program.js [arguments]

Runs a program and writes CPU profiles. Each sample is labelled with its request's method and route.

  --every <seconds>        the duration of each profile, from 1 to 86,400; by default 3,600, or less for intervals below 1 ms
  --interval <ms>          the time between two samples; 10 by default
  --label <key>            an additional label and table: a key that the program sets in its own namespace. May be repeated
  --out <folder>           where to write the files; the current folder by default
  --help                   show this

In the tables, (none) is code outside requests or without the label: the program's start, timers, Node.js between requests.

SIGUSR2 writes the profile so far, and the program continues. Pass options for Node.js in NODE_OPTIONS.
`;

const options = {
  every: { type: 'string' },
  interval: { type: 'string' },
  label: { type: 'string', multiple: true },
  out: { type: 'string', default: '.' },
  help: { type: 'boolean', short: 'h' },
};

/** How many arguments are for this command: those before the first that is neither an option nor its value. */
function countOwn(args) {
  let index = 0;
  while (index < args.length && args[index].startsWith('-') && args[index] !== '--') {
    const name = args[index].slice(2);
    index += options[name]?.type === 'string' ? 2 : 1;
  }
  return index;
}

function toNumber(name, text, unit) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new Error(`--${name} must be a number of ${unit}, but it is '${text}'`);
  return number;
}

/** Checks `--every`. Returns milliseconds. */
function toDuration(text) {
  const seconds = toNumber('every', text, 'seconds');
  if (seconds === undefined) return undefined;
  const time = seconds * MILLISECONDS;
  if (time >= SHORTEST_PROFILE && time <= LONGEST_PROFILE) return time;
  const range = `${SHORTEST_PROFILE / MILLISECONDS} to ${LONGEST_PROFILE / MILLISECONDS}`;
  throw new Error(`--every must be from ${range} seconds, but it is ${text}`);
}

function findProgram(program) {
  const file = path.resolve(program);
  try {
    return require.resolve(file);
  } catch {
    throw new Error(`There is no program ${file}`);
  }
}

/**
 * Parses the command line.
 * @param {string[]} args without node and this command
 * @returns {{ help: true } | {
 *   program: string, its path
 *   args: string[],
 *   every: number | undefined, in milliseconds
 *   interval: number | undefined, in milliseconds
 *   labels: string[],
 *   out: string,
 * }}
 * @throws {Error} if it is invalid
 */
function parse(args) {
  const own = countOwn(args);
  const { values } = parseArgs({ args: args.slice(0, own), options });
  if (values.help) return { help: true };
  const [program, ...rest] = args.slice(args[own] === '--' ? own + 1 : own);
  if (program === undefined) throw new Error('The program is missing: context-profile [options] program.js [arguments]');
  return {
    program: findProgram(program),
    args: rest,
    every: toDuration(values.every),
    interval: toNumber('interval', values.interval, 'milliseconds'),
    labels: values.label ?? [],
    out: path.resolve(values.out),
  };
}

module.exports = { HELP, parse };
