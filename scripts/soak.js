'use strict';

/**
 * Puts the package under load: `npm run soak -- --minutes 60 --checks 5000000`. First a server, whose memory must not grow,
 * then simulated requests, none of which may see a value of another. The exit code is 1 if something grows or a value is
 * foreign, and 2 if the options are wrong. Both parts are left out with 0.
 */

const { SingleBar } = require('cli-progress');
const { engine } = require('context');

const { readOptions } = require('./support/options');
const { table } = require('./support/table');
const { crossTalk } = require('./soak/cross-talk');
const { load } = require('./soak/load');
const { judge } = require('./soak/slopes');

const USAGE = 'Usage: npm run soak -- [--minutes <number>] [--checks <number of checks>] [--seed <integer>]';
const LONGEST = 60 * 24 * 7;

function numberOf(name, text, pattern, most) {
  if (pattern.test(text) && Number(text) <= most) return Number(text);
  const kind = pattern === WHOLE ? 'a whole number' : 'a number';
  throw new TypeError(`--${name} must be ${kind} from 0 to ${most}, but it is '${text}'`);
}

const WHOLE = /^\d{1,12}$/;
const DECIMAL = /^\d{1,12}(\.\d{1,6})?$/;

const OPTIONS = {
  minutes: { type: 'string', default: '10' },
  checks: { type: 'string', default: '5000000' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
};

/** Shows the share of the work that is done, on a terminal. */
async function withProgress(title, perform) {
  if (!process.stdout.isTTY) return perform(() => {});
  const bar = new SingleBar({ format: `${title} {bar} {percentage} %`, clearOnComplete: true });
  bar.start(1, 0);
  try {
    return await perform((share) => bar.update(share));
  } finally {
    bar.stop();
  }
}

const inMegabytes = (bytes) => (bytes / 2 ** 20).toFixed(2);

/** Prints what the memory did. */
function printSlopes(meters) {
  const rows = meters.map(({ name, first, last, slope, perRequest, grows }) => {
    return [name, inMegabytes(first), inMegabytes(last), slope.toFixed(3), String(perRequest), grows ? 'grows' : 'flat'];
  });
  console.log(table(['', 'MB at first', 'MB at last', 'bytes a request', 'limit', ''], rows));
}

/** Returns whether nothing grows, and all answers are right. */
async function soak(minutes) {
  const seconds = minutes * 60;
  const { samples, requests, wrong } = await withProgress('load', (onProgress) => load({ seconds, onProgress }));
  const meters = judge(samples);
  console.log(`${requests} requests, ${wrong} wrong answers, ${samples.length} samples`);
  printSlopes(meters);
  return wrong === 0 && meters.every(({ grows }) => !grows);
}

/** Returns whether no value is foreign. */
async function talk(checks, seed) {
  const { requests, checked, foreign, first } = await withProgress('cross-talk', (update) => {
    return crossTalk({ checks, seed, onProgress: (done) => update(Math.min(done / checks, 1)) });
  });
  console.log(`${checked} checks in ${requests} simulated requests with seed ${seed}, ${foreign} foreign`);
  if (foreign > 0) console.error(`The first one: ${first}`);
  return foreign === 0;
}

async function main() {
  const { minutes, checks, seed } = readOptions(USAGE, OPTIONS, (values) => ({
    minutes: numberOf('minutes', values.minutes, DECIMAL, LONGEST),
    checks: numberOf('checks', values.checks, WHOLE, 1e12),
    seed: numberOf('seed', values.seed, WHOLE, 2 ** 31 - 1),
  }));
  console.log(`Node.js ${process.version}, engine ${engine}`);
  const flat = minutes === 0 || (await soak(minutes));
  const own = checks === 0 || (await talk(checks, seed));
  if (!flat || !own) process.exitCode = 1;
}

main();
