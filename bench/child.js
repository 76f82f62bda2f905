'use strict';

/**
 * One subject in a process of its own: `child.js '{"subject": "context", "n": 1, "measures": ["await"], "time": 300}'` prints
 * the nanoseconds an operation as JSON.
 */

const { Bench } = require('tinybench');

const { carrying, using } = require('./measures');
const subjects = require('./subjects');

const OPERATIONS = 2000;

/** The median time of an operation, in nanoseconds, measured in batches for at least `time` milliseconds. */
async function time(batch, milliseconds) {
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 3 });
  bench.add('batch', () => batch(OPERATIONS));
  const [task] = await bench.run();
  if (task.result.error) throw task.result.error;
  return (task.result.latency.p50 * 1e6) / OPERATIONS;
}

async function main({ subject: name, n, measures, time: milliseconds }) {
  const subject = subjects[name](n);
  const results = {};
  for (const measure of measures) {
    const batch = { ...carrying, ...using }[measure](subject);
    if (batch) results[measure] = await subject.inside(() => time(batch, milliseconds));
  }
  process.stdout.write(JSON.stringify(results));
}

main(JSON.parse(process.argv[2]));
