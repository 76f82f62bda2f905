'use strict';

/**
 * Shows what docs/profiler.md says of the profiler: `npm run test:profiler`. On each release of Node.js, with each engine: samples with
 * known owners, in the main thread and in a worker; memory over many profiles; a server with four tenants, whose file is read by
 * `go tool pprof` if that is there (Debian: golang-go). The exit code is 1 if anything was not as it should be.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { readOptions } = require('../support/options');
const { ROWS, binaryOf } = require('./releases');
const { TENANTS } = require('./tenants');

const USAGE = 'Usage: npm run test:profiler -- [--samples <number>] [--profiles <number>] [--only 20,24]';
const OPTIONS = {
  samples: { type: 'string', default: '10000' },
  profiles: { type: 'string', default: '30' },
  only: { type: 'string', default: '20,22,24,26' },
};

/** Of the samples with known owners, how many may be without a label. */
const MOST_UNLABELLED = 0.001;

/** How many megabytes more may be in use in the last third of the profiles than in the first one. */
const MOST_GROWTH = 3;

function checked({ samples, profiles, only }) {
  for (const [name, text] of Object.entries({ samples, profiles })) {
    if (!/^\d+$/.test(text)) throw new TypeError(`--${name} must be a number, but it is '${text}'`);
  }
  const releases = only.split(',');
  const unknown = releases.find((release) => !ROWS.some((row) => row.release === release));
  if (unknown !== undefined) throw new TypeError(`--only must be some of 20,22,24,26, but '${unknown}' is none`);
  return { samples, profiles, releases };
}

function runProgram({ release, flags }, program, ...args) {
  const all = ['--expose-gc', ...flags, path.join(__dirname, program), ...args];
  const { status, signal, stdout, stderr } = spawnSync(binaryOf(release), all, { encoding: 'utf8', maxBuffer: 1e9 });
  if (status !== 0) throw new Error(`${program} ended with ${status ?? signal}: ${stderr.slice(-2000)}`);
  return stdout;
}

/** Each of these returns a line about what it saw, and whether that is right. */
const checks = {
  accuracy(row, thread, { samples }) {
    const { known, unlabelled, wrong, kinds } = JSON.parse(runProgram(row, 'accuracy.js', thread, samples));
    const shown = Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`);
    const text = `${thread}: ${known} samples with known owners (${shown.join(', ')}), ${unlabelled} without a label, ${wrong.length} wrong`;
    return {
      text: [text, ...wrong.slice(0, 3)].join('\n  '),
      isRight: wrong.length === 0 && unlabelled <= known * MOST_UNLABELLED,
    };
  },

  memory(row, { profiles }) {
    const { samples, first, last, growth } = JSON.parse(runProgram(row, 'memory.js', profiles));
    const text = `memory: ${first.toFixed(1)} MB in the first third of ${profiles} profiles, ${last.toFixed(1)} MB in the last one; ${samples} samples`;
    return { text, isRight: growth < MOST_GROWTH };
  },

  /** What pprof says that each tenant takes is what the profile says; and a tenant's own graph has nothing of the others. */
  pprof(row, folder) {
    const file = path.join(folder, 'tenants.pb.gz');
    const rows = JSON.parse(runProgram(row, 'tenants-child.js', file));
    const go = (...args) => spawnSync('go', ['tool', 'pprof', ...args, file], { encoding: 'utf8' });
    if (go('-tags').error) return { text: 'pprof: there is no go', isRight: true };
    const problems = TENANTS.filter((tenant) => {
      const { stdout } = go('-top', '-unit=ms', `-tagfocus=tenant=${tenant}`);
      const shown = Number(/Showing nodes accounting for ([\d.]+)ms/.exec(stdout)?.[1]);
      const { time } = rows.find(({ value }) => value === tenant);
      // It leaves out what is small.
      return !(shown <= time + 1 && shown >= time * 0.8);
    });
    const dear = rows.find(({ value }) => value === 'acme');
    const text = `pprof: acme has ${(dear.share * 100).toFixed(1)} %; ${TENANTS.length - problems.length} of ${TENANTS.length} tenants right`;
    return { text, isRight: problems.length === 0 };
  },
};

function main() {
  const options = readOptions(USAGE, OPTIONS, checked);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-'));
  try {
    for (const row of ROWS.filter(({ release }) => options.releases.includes(release))) {
      const results = [
        checks.accuracy(row, 'main', options),
        checks.accuracy(row, 'worker', options),
        checks.memory(row, options),
        checks.pprof(row, folder),
      ];
      for (const { text, isRight } of results) {
        console.log(`${row.title}: ${isRight ? '' : 'WRONG: '}${text}`);
        if (!isRight) process.exitCode = 1;
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main();
