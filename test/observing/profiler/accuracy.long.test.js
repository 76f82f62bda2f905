'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const { continuous, start } = require('context/profiler');

const { compare, workInAll } = require('./work');

const KINDS = ['awaits', 'sockets', 'ticks', 'timers'];

/** Of all samples whose owner is known, how many may be without a label: those for which V8's clock is not fine enough. */
const MOST_UNLABELLED = 0.001;

const options = { interval: 0.2, labels: ['id', 'kind'] };

function assertRight({ known, unlabelled, wrong, kinds }) {
  assert.deepStrictEqual(wrong, []);
  assert.ok(known > 0, 'no sample shows an owner');
  assert.ok(unlabelled <= known * MOST_UNLABELLED, `${unlabelled} of ${known} samples have no label`);
  assert.deepStrictEqual(Object.keys(kinds).sort(), KINDS);
}

describe('Whose samples', () => {
  it('are those of 100 units that work at the same time, over timers, awaits, ticks and sockets', async () => {
    const profiling = await start(options);
    const made = await workInAll({ duration: 1000, concurrency: 100 });
    const profile = await profiling.stop();
    assertRight(compare(profile.toCpuProfile({ labelsAtRoot: true }), made));
  });

  it('are those of the units of a worker, while the main thread is profiled too', async () => {
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
    const ofWorker = new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    const made = await workInAll({ duration: 700, concurrency: 50 });
    const profile = await profiling.stop();
    assertRight(compare(profile.toCpuProfile({ labelsAtRoot: true }), made));
    assertRight(await ofWorker);
  });

  it('are right in one profile after the other, without a gap, and each sample is in one of them', async () => {
    const profiles = [];
    const profiling = continuous({ every: 1000, ...options }, (profile) => profiles.push(profile));
    // To begin another one keeps V8 busy a while, in which nothing else is done.
    let flushes = setTimeout(function flush() {
      profiling.flush();
      if (profiles.length < 6) flushes = setTimeout(flush, 150);
    }, 150);
    let made;
    try {
      made = await workInAll({ duration: 1500, concurrency: 60 });
    } finally {
      clearTimeout(flushes);
      profiling.stop();
    }
    assert.ok(profiles.length > 3, `${profiles.length} profiles`);
    const files = profiles.map((profile) => profile.toCpuProfile({ labelsAtRoot: true }));
    const starts = files.slice(1).map(({ startTime }) => startTime);
    assert.deepStrictEqual(starts, files.slice(0, -1).map(({ endTime }) => endTime)); // prettier-ignore
    const results = files.map((file) => compare(file, made));
    // An id that was set after the profile in which the work was done is not in that one.
    assert.deepStrictEqual(results.flatMap(({ wrong }) => wrong), []); // prettier-ignore
    assert.ok(results.some(({ known }) => known > 0));
    const moments = files.flatMap(({ startTime, timeDeltas }) => {
      let time = startTime;
      return timeDeltas.map((delta) => (time += delta));
    });
    assert.deepStrictEqual(moments, moments.toSorted((a, b) => a - b)); // prettier-ignore
  });
});
