'use strict';

/** `npm run bench`: measures, and shows what came out. */

const { writeFileSync } = require('node:fs');
const os = require('node:os');

const { SingleBar } = require('cli-progress');

const { report } = require('./markdown');
const { benchOptions } = require('./options');
const { plan } = require('./plan');
const { release } = require('./releases');
const { run } = require('./run');

async function measure({ majors, only, effort }) {
  const releases = [];
  for (const major of majors.length > 0 ? majors : [undefined]) releases.push(await release(major));
  const jobs = releases.map(({ engines }) => plan(engines, effort, only));

  const format = '{bar} {percentage} %, {eta_formatted} left: {version} {measure} {subject}';
  const bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true, etaBuffer: 100 });
  bar.start(jobs.flat().length, 0, { version: '', measure: '', subject: '' });
  const runs = [];
  try {
    for (const [i, { node, version, engine }] of releases.entries()) {
      const figures = await run(node, jobs[i], effort, (job) => bar.increment({ ...job, version }));
      runs.push({ version, engine, figures });
    }
  } finally {
    bar.stop();
  }
  return runs;
}

/** JSON with each figure on one line. */
const stringify = (result) =>
  `${JSON.stringify(result, null, 2).replace(/\{\s+"figure"[^}]*\}/g, (entry) => entry.replace(/\s+/g, ' '))}\n`;

async function main() {
  const args = process.argv.slice(2);
  const options = benchOptions();
  const result = {
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    machine: `${os.platform()} ${os.arch()}, ${os.availableParallelism()} cores`,
    quick: options.quick,
    effort: options.effort,
    runs: await measure(options),
  };
  if (options.json === '-') {
    process.stdout.write(stringify(result));
  } else {
    if (options.json !== undefined) writeFileSync(options.json, stringify(result));
    console.log(report(result, { withGoals: true }));
  }
}

main();
