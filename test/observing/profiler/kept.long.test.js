'use strict';

const assert = require('node:assert');

const { createNamespace, destroyNamespace } = require('context');

const { watchCollection } = require('../../support/collected');
const { itRuns } = require('../programs');
const { burn, labelsByFunction, startSampling } = require('./burn');

describe('The labels of samples', () => {
  it('are there of contexts that are gone, with all that was set before: at the end, from outside, in a bag', async () => {
    const namespace = createNamespace('profiled');
    const { watch, collected } = watchCollection();
    const profiling = await startSampling({ labels: ['route'], interval: 0.5 });
    const make = (values) => {
      const context = namespace.createContext(values);
      watch(context);
      return context;
    };
    const early = { route: 'early' };
    const work = {
      atTheEnd(context = make(early)) {
        context.once('end', () => context.set('route', 'late')).run(() => burn());
      },
      inTheBagAtTheEnd(context = make()) {
        context.once('end', () => (context.bag.route = 'late')).run(() => burn());
      },
      fromOutside(context = make(early)) {
        context.enter();
        burn();
        context.exit();
        namespace.run(() => context.set('route', 'late'));
      },
      ofTheOuterOne(context = make()) {
        context.run(() => {
          namespace.run(() => burn());
          context.set('route', 'late');
        });
      },
      inTheBag(context = make()) {
        const { bag } = context;
        context.enter();
        burn();
        bag.route = 'late';
        context.exit();
      },
      deleted(context = make(early)) {
        context.run(() => burn());
        context.delete('route');
      },
    };
    for (const each of Object.values(work)) each();
    // What Node.js ran last it may keep.
    namespace.run(() => burn(1));
    await collected(6);
    const kept = namespace.createContext(early);
    kept.enter();
    (function keptBurns() {
      burn();
    })();
    kept.exit();
    kept.bag.route = 'late';
    const labels = labelsByFunction(await profiling.stop());
    destroyNamespace('profiled');
    // What is around uses the processor as well.
    const of = (name) => labels[name].filter((text) => text !== undefined).join();
    const found = Object.fromEntries([...Object.keys(work), 'keptBurns'].map((name) => [name, of(name)]));
    const late = 'route: late';
    const same = { atTheEnd: late, inTheBagAtTheEnd: late, fromOutside: late, ofTheOuterOne: late, inTheBag: late };
    assert.deepStrictEqual(found, { ...same, deleted: '', keptBurns: late });
  });

  const head = `
    const assert = require('node:assert');
    const { createNamespace } = require('context');
    const { start } = require('context/profiler');
    const { burn } = require('./test/observing/profiler/burn');
    const namespace = createNamespace('large');
    const used = () => {
      gc();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return (heapUsed + arrayBuffers) / 1e6;
    };
    const assertSmall = (kept, most) => assert.ok(kept < most, kept + ' MB');
  `;
  const programs = {
    'are all that is kept of contexts, which may be large, and of texts the characters that are shown': `
      const bodyOf = (n) => n + 'x'.repeat(2e5) + 'y';
      const serve = (n) => {
        namespace.set('body', Buffer.alloc(2e5));
        namespace.set('text', bodyOf(n).slice(0, 40 + n % 200));
        burn(0.2);
      };
      const loads = {
        inOneTurn: (n) => void namespace.run(() => serve(n)),
        withoutEnd(n) {
          const context = namespace.createContext();
          context.enter();
          serve(n);
          context.exit();
        },
        awaits: (n) => namespace.run(async () => {
          await null;
          namespace.run(() => serve(n));
          await new Promise(setImmediate);
          serve(n);
        }),
      };
      (async () => {
        const profiling = await start({ labels: ['text'], interval: 0.2 });
        for (const load of Object.values(loads)) {
          for (let n = 0; n < 20; n++) await load(n);
          const before = used();
          for (let n = 0; n < 700; n++) {
            const result = load(n);
            if (result !== undefined) await result;
          }
          assertSmall(used() - before, 30);
        }
        assert.ok((await profiling.stop()).by('text').length >= 100);
        assertSmall(used(), 30);
        console.log('done');
      })();
    `,
    'are bounded if nobody stops the profile for long: only those of the samples are kept': `
      async function load(count) {
        for (let n = 0; n < count; n++) {
          namespace.createContext({ id: n, body: 'x'.repeat(10) + n }).run(() => {});
          if (n % 1000 === 0) await new Promise(setImmediate);
        }
      }
      (async () => {
        await load(10_000);
        const profiling = await start({ labels: ['id'], interval: 10 });
        const before = used();
        await load(2_000_000);
        // The timer that looks after it comes once more.
        await new Promise((resolve) => setTimeout(resolve, 400));
        const kept = used() - before;
        assert.ok((await profiling.stop()).sampleCount > 0);
        // Four million changes would be 64 MB of moments and owners alone.
        assertSmall(kept, 200);
        console.log('done');
      })();
    `,
  };
  itRuns(programs, { head });
});
