'use strict';

const assert = require('node:assert');

const { createNamespace, destroyNamespace } = require('context');
const { continuous, start } = require('context/profiler');

const { watchCollection } = require('../../support/collected');
const { itRuns } = require('../programs');
const { burn, labelsByFunction } = require('./burn');

describe('continuous of context/profiler', () => {
<<<<<<< HEAD
  it('hands out one profile after the other, without a gap, and each sample in one of them with its own labels', async function () {
    this.timeout(60_000);
    const profiles = [];
    const profiling = continuous({ every: 1000, keys: ['id', 'kind'], interval: 0.2 }, (profile) => profiles.push(profile));
    // To begin another one takes V8 a while, in which nothing else is done.
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
    for (let index = 1; index < files.length; index++) {
      assert.strictEqual(files[index].startTime, files[index - 1].endTime);
    }
    let known = 0;
    for (const file of files) {
      const result = compare(file, made);
      // An id that was set after the profile in which the work was done is not in that one.
      assert.deepStrictEqual(result.wrong, []);
      known += result.known;
    }
    assert.ok(known > 0);
    const moments = files.flatMap(({ startTime, timeDeltas }) => {
      let time = startTime;
      return timeDeltas.map((delta) => (time += delta));
    });
    assert.deepStrictEqual(moments, moments.toSorted((a, b) => a - b)); // prettier-ignore
  });

  it('goes on with what runs while one profile follows the other', async () => {
    const namespace = createNamespace('rotating');
    const profiles = [];
    const profiling = continuous({ keys: ['route'], interval: 0.5 }, (profile) => profiles.push(profile));
=======
  let namespace;
  let profiles;
  const collect = (profile) => profiles.push(profile);

  beforeEach(() => {
    namespace = createNamespace('rotating');
    profiles = [];
  });
  afterEach(() => destroyNamespace('rotating'));

  it('goes on with what runs while one profile follows the other', () => {
    const profiling = continuous({ labels: ['route'], interval: 0.5 }, collect);
>>>>>>> h/t-observing
    namespace.createContext({ route: '/long' }).run(() => {
      burn();
      profiling.flush();
      (function afterwards() {
        burn();
      })();
    });
    (function outside() {
      burn();
    })();
    profiling.stop();
    const { afterwards, outside } = labelsByFunction(profiles[1]);
    assert.deepStrictEqual([afterwards, outside], [['route: /long'], [undefined]]);
    assert.strictEqual(labelsByFunction(profiles[0]).afterwards, undefined);
  });

  it('hands out the last profile when it is stopped, once, and none after that', async () => {
<<<<<<< HEAD
    const profiles = [];
    const profiling = continuous({ keys: [] }, (profile) => profiles.push(profile));
=======
    const profiling = continuous({ labels: [] }, collect);
>>>>>>> h/t-observing
    profiling.stop();
    profiling.stop();
    profiling.flush();
    assert.strictEqual(profiles.length, 1);
    await (await start({ keys: [] })).stop();
  });

  it('hands out a profile by itself, in what was active when it began', async () => {
    const context = namespace.createContext();
    // It keeps no process alive.
    const waits = setInterval(() => {}, 1000);
    let profiling;
    const begin = (resolve) => (profiling = continuous({ every: 1000, labels: [] }, () => resolve(namespace.active)));
    try {
<<<<<<< HEAD
      const active = await context.run(
        () =>
          new Promise((resolve) => {
            profiling = continuous({ every: 1000, keys: [] }, () => resolve(namespace.active));
          }),
      );
      assert.strictEqual(active, context);
=======
      assert.strictEqual(await context.run(() => new Promise(begin)), context);
>>>>>>> h/t-observing
    } finally {
      clearInterval(waits);
      profiling?.stop();
    }
  });

  itRuns({
    'goes on after a listener that throws, as the process does': `
      const assert = require('node:assert');
      const { continuous } = require('context/profiler');
      const uncaught = [];
      process.on('uncaughtException', ({ message }) => uncaught.push(message));
      let profiles = 0;
      const profiling = continuous({ every: 1000, keys: [] }, () => {
        if (++profiles === 1) throw new Error('of the listener');
        if (profiles === 2) return profiling.stop();
        clearInterval(waits);
        if (uncaught.join() === 'of the listener') console.log('done');
      });
      const waits = setInterval(() => {}, 1000);
    `,
  });

  it('keeps nothing of the contexts of a profile that was handed out, nor of those that no sample shows', async () => {
    const { watch, collected } = watchCollection();
<<<<<<< HEAD
    const profiles = [];
    const profiling = continuous({ keys: ['id', 'request'] }, (profile) => profiles.push(profile));
=======
    const profiling = continuous({ labels: ['id', 'request'] }, collect);
>>>>>>> h/t-observing
    // In a function of its own, so that none of its variables keeps anything.
    const serve = (id) => {
      const request = { id };
      watch(request);
      const context = namespace.createContext({ id, request });
      watch(context);
      context.run(() => burn(0.5));
    };
    for (let id = 0; id < 200; id++) serve(id);
    profiling.flush();
    // What Node.js ran last it may keep: a context, and its request.
    await collected(398);
    profiling.stop();
    assert.ok(profiles[0].sampleCount > 0);
  });
<<<<<<< HEAD

  it('has bounded memory if nobody takes the profiles for long: what is kept is that of the samples', async function () {
    this.timeout(120_000);
    const { code, stdout, stderr } = await runNode(`
      const { createNamespace } = require('context');
      const { start } = require('context/profiler');
      const namespace = createNamespace('many');
      const used = () => {
        gc();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return (heapUsed + arrayBuffers) / 1e6;
      };
      async function load(count) {
        for (let n = 0; n < count; n++) {
          namespace.createContext({ id: n, body: 'x'.repeat(10) + n }).run(() => {});
          if (n % 1000 === 0) await new Promise(setImmediate);
        }
      }
      (async () => {
        await load(10_000);
        const profiling = await start({ keys: ['id'], interval: 10 });
        const before = used();
        await load(2_000_000);
        // The timer that looks after it comes once more.
        await new Promise((resolve) => setTimeout(resolve, 400));
        const kept = used() - before;
        const profile = await profiling.stop();
        console.log(JSON.stringify({ kept, samples: profile.sampleCount }));
      })();
    `);
    assert.strictEqual(code, 0, stderr);
    const { kept, samples } = JSON.parse(stdout);
    assert.ok(samples > 0);
    // Four million changes would be 64 MB of moments and owners alone.
    assert.ok(kept < 200, `${kept} MB`);
  });
=======
>>>>>>> h/t-observing
});
