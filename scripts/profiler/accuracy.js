'use strict';

/**
 * Takes samples with known owners until there are enough, and says whose they are told to be, as JSON: `accuracy.js main 10000` or
 * `accuracy.js worker 10000`.
 */

const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { start } = require('context/profiler');

const { compare, workInAll } = require('../../test/observing/profiler/work');

const DURATION = 2000;
const CONCURRENCY = 200;

async function run(wanted) {
  const sum = { known: 0, unlabelled: 0, wrong: [], kinds: {} };
  while (sum.known < wanted) {
    const profiling = await start({ labels: ['id', 'kind'], interval: 0.2 });
    const made = await workInAll({ duration: DURATION, concurrency: CONCURRENCY });
    const profile = await profiling.stop();
    const { known, unlabelled, wrong, kinds } = compare(profile.toCpuProfile({ labelsAtRoot: true }), made);
    sum.known += known;
    sum.unlabelled += unlabelled;
    sum.wrong.push(...wrong);
    for (const [kind, count] of Object.entries(kinds)) sum.kinds[kind] = (sum.kinds[kind] ?? 0) + count;
  }
  return sum;
}

async function main(thread, wanted) {
  if (thread === 'main') {
    console.log(JSON.stringify(await run(Number(wanted))));
    return;
  }
  const worker = new Worker(__filename, { workerData: Number(wanted) });
  worker.on('message', (sum) => console.log(JSON.stringify(sum)));
}

if (isMainThread) main(...process.argv.slice(2));
else run(workerData).then((sum) => parentPort.postMessage(sum));
