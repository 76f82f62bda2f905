'use strict';

/**
 * Shows what docs/watchdog.md says of the watchdog: `npm run test:watchdog`. On each release of Node.js, with each engine, in the main
 * thread and in a worker, every kind of block is made by one request of fifty, before and after an await. Then it looks for false
 * alarms under load, starts and stops, and terminates workers in the middle. The exit code is 1 if anything was not as it should be.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { readOptions } = require('../support/options');
const { KINDS, Subject } = require('../../test/observing/watchdog/subject');

const root = path.join(__dirname, '..', '..');
const USAGE =
  'Usage: npm run test:watchdog -- [--runs <number>] [--threshold <ms>] [--only 20,24] [--kinds loop,sort] [--minutes <number>] ' +
  '[--starts <number>] [--workers <number>]';
const OPTIONS = {
  runs: { type: 'string', default: '5' },
  threshold: { type: 'string', default: '1000' },
  only: { type: 'string', default: '20,22,24,26' },
  kinds: { type: 'string', default: KINDS.join() },
  minutes: { type: 'string', default: '10' },
  starts: { type: 'string', default: '10000' },
  workers: { type: 'string', default: '1000' },
};

/** How much later than the threshold a line may be written, in milliseconds. */
const LATE = 50;

/** What may be run of a release: its engines, and the arguments that choose them. */
const ENGINES = {
  20: [['async-hooks', []]],
  22: [
    ['async-hooks', []],
    ['async-context-frame', ['--experimental-async-context-frame']],
  ],
  24: [
    ['async-context-frame', []],
    ['async-hooks', ['--no-async-context-frame']],
  ],
  26: [
    ['async-context-frame', []],
    ['async-hooks', ['--no-async-context-frame']],
  ],
};

function binaryOf(release) {
  if (process.version.startsWith(`v${release}.`)) return process.execPath;
  return path.join(root, '.cache', `node-${release}`, 'node_modules', 'node', 'bin', 'node');
}

function checked(values) {
  for (const name of ['runs', 'threshold', 'minutes', 'starts', 'workers']) {
    if (!/^\d+(\.\d+)?$/.test(values[name])) throw new TypeError(`--${name} must be a number, but it is '${values[name]}'`);
  }
  const kinds = values.kinds.split(',');
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined) throw new TypeError(`--kinds must be some of ${KINDS.join()}, but '${unknown}' is none`);
  const releases = values.only.split(',');
  const missing = releases.find((release) => !(release in ENGINES));
  if (missing !== undefined) throw new TypeError(`--only must be some of 20,22,24,26, but '${missing}' is none`);
  return { ...values, kinds, releases };
}

const totals = { blocks: 0, wrong: 0, latest: 0, tooLate: 0 };

async function blockAll(options, release, engine, args, thread) {
  const threshold = Number(options.threshold);
  const subject = await Subject.start({ thread, threshold, blockTime: 1.6 * threshold, node: binaryOf(release), args });
  try {
    for (let run = 0; run < Number(options.runs); run++) {
      for (const kind of options.kinds) {
        for (const when of ['before', 'after']) {
          const { problems, late } = await subject.block(kind, when);
          totals.blocks++;
          totals.latest = Math.max(totals.latest, late);
          if (late > LATE) totals.tooLate++;
          if (problems.length === 0) continue;
          totals.wrong++;
          console.log(`  ${release} ${engine} ${thread} ${kind} ${when}: ${problems.join('; ')}`);
        }
      }
    }
  } finally {
    await subject.stop();
  }
  console.log(
    `${release} ${engine} ${thread}: ${totals.blocks} blocks in all, ${totals.wrong} wrong, latest ${totals.latest} ms`,
  );
}

/** Runs a program of this folder, and says whether it succeeded. */
function runProgram(release, args, program, ...programArgs) {
  const { status, signal, stdout, stderr } = spawnSync(
    binaryOf(release),
    [...args, path.join(__dirname, program), ...programArgs],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  console.log(`${release} ${args.join(' ')} ${program}: ${stdout.trim().split('\n').at(-1)}`);
  if (status !== 0) console.log(`  ended with ${status ?? signal}: ${stderr.slice(-2000)}`);
  return status === 0;
}

async function main() {
  const options = readOptions(USAGE, OPTIONS, checked);
  let isRight = true;
  for (const release of options.releases) {
    if (!fs.existsSync(binaryOf(release))) throw new Error(`Node.js ${release} is missing: npm run test:matrix fetches it`);
    for (const [engine, args] of ENGINES[release]) {
      for (const thread of ['main', 'worker']) {
        if (Number(options.runs) > 0) await blockAll(options, release, engine, args, thread);
      }
      if (options.starts !== '0') isRight = runProgram(release, args, 'starts.js', options.starts) && isRight;
      if (options.workers !== '0') isRight = runProgram(release, args, 'workers.js', options.workers) && isRight;
      if (options.minutes !== '0') isRight = runProgram(release, args, 'load.js', options.minutes) && isRight;
    }
  }
  const { blocks, wrong, tooLate, latest } = totals;
  console.log(
    `${blocks} blocks: ${wrong} wrong or missed, ${tooLate} later than ${LATE} ms, the latest by ${latest.toFixed(1)} ms`,
  );
  process.exitCode = isRight && wrong === 0 && tooLate === 0 ? 0 : 1;
}

main();
