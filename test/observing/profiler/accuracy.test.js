'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const { start } = require('context/profiler');

const { compare, workInAll } = require('./work');

const KINDS = ['awaits', 'sockets', 'ticks', 'timers'];

/** Of all samples whose owner is known, how many may be without a label: those for which V8's clock is not fine enough. */
const MOST_UNLABELLED = 0.001;

const options = { interval: 0.2, keys: ['id', 'kind'] };

function assertRight({ known, unlabelled, wrong, kinds }) {
  assert.deepStrictEqual(wrong, []);
  assert.ok(known > 0, 'no sample shows an owner');
  assert.ok(unlabelled <= known * MOST_UNLABELLED, `${unlabelled} of ${known} samples have no label`);
  assert.deepStrictEqual(Object.keys(kinds).sort(), KINDS);
}

describe('Whose samples', () => {
  it('are those of 100 units that work at the same time, over timers, awaits, ticks and sockets', async function () {
    this.timeout(60_000);
    const profiling = await start(options);
    const made = await workInAll({ duration: 1000, concurrency: 100 });
    const profile = await profiling.stop();
    assertRight(compare(profile.toCpuProfile({ labelsAtRoot: true }), made));
  });

  it('are those of the units of a worker, while the main thread is profiled too', async function () {
    this.timeout(60_000);
    const profiling = await start(options);
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads');
      const { start } = require('context/profiler');
      const { compare, workInAll } = require(${JSON.stringify(path.join(__dirname, 'work'))});
      (async () => {
        const profiling = await start(${JSON.stringify(options)});
        const made = await workInAll({ duration: 700, concurrency: 50 });
        const profile = await profiling.stop();
        parentPort.postMessage(compare(profile.toCpuProfile({ labelsAtRoot: true }), made));
      })();`,
      { eval: true },
    );
    const told = new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    const made = await workInAll({ duration: 700, concurrency: 50 });
    const profile = await profiling.stop();
    assertRight(compare(profile.toCpuProfile({ labelsAtRoot: true }), made));
    assertRight(await told);
  });
});
