'use strict';

const assert = require('node:assert');

const { createNamespace, destroyNamespace } = require('context');

const { runNode } = require('../../support/child');
const { watchCollection } = require('../../support/collected');
const { burn, labelsByFunction, startSampling } = require('./burn');

describe('The labels of samples', () => {
  let namespace;

  beforeEach(() => {
    namespace = createNamespace('profiled');
  });

  afterEach(() => destroyNamespace('profiled'));

  it('are there of contexts that are gone, with all that was set before: at the end, from outside, in a bag', async () => {
    const { watch, collected } = watchCollection();
    const profiling = await startSampling({ keys: ['route'], interval: 0.5 });
    const make = (values) => {
      const context = namespace.createContext(values);
      watch(context);
      return context;
    };
    const work = {
      endListener() {
        const context = make({ route: 'early' });
        context.once('end', () => context.set('route', 'at the end'));
        context.run(() => burn());
      },
      endListenerInBag() {
        const context = make();
        context.once('end', () => (context.bag.route = 'in the bag at the end'));
        context.run(() => burn());
      },
      outside() {
        const context = make({ route: 'early' });
        const scope = context.enter();
        burn();
        scope[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
        namespace.run(() => context.set('route', 'from outside'));
      },
      outerOne() {
        const context = make();
        context.run(() => {
          namespace.run(() => burn());
          context.set('route', 'of the outer one');
        });
      },
      bag() {
        const context = make();
        const { bag } = context;
        context.enter();
        burn();
        bag.route = 'in the bag';
        context.exit();
      },
      deleted() {
        const context = make({ route: 'early' });
        context.run(() => burn());
        context.delete('route');
      },
    };
    for (const each of Object.values(work)) each();
    // What Node.js ran last it may keep.
    namespace.run(() => burn(1));
    await collected(6);
    const kept = namespace.createContext({ route: 'early' });
    kept.enter();
    (function keptBurns() {
      burn();
    })();
    kept.exit();
    kept.bag.route = 'of one that is there';
    const labels = labelsByFunction(await profiling.stop());
    // What is around takes time as well.
    const toldOf = (name) => labels[name].filter((text) => text !== undefined);
    const told = Object.fromEntries([...Object.keys(work), 'keptBurns'].map((name) => [name, toldOf(name)]));
    assert.deepStrictEqual(told, {
      endListener: ['route: at the end'],
      endListenerInBag: ['route: in the bag at the end'],
      outside: ['route: from outside'],
      outerOne: ['route: of the outer one'],
      bag: ['route: in the bag'],
      deleted: [],
      keptBurns: ['route: of one that is there'],
    });
  });

  it('are all that is kept of contexts, which may be large, and of texts the characters that are told', async () => {
    const { code, stdout, stderr } = await runNode(`
      const { createNamespace } = require('context');
      const { start } = require('context/profiler');
      const { burn } = require('./test/observing/profiler/burn');
      const namespace = createNamespace('large');
      const bodyOf = (n) => n + 'x'.repeat(2e5) + 'y';
      const used = () => {
        gc();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return (heapUsed + arrayBuffers) / 1e6;
      };
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
        const profiling = await start({ keys: ['text'], interval: 0.2 });
        for (const load of Object.values(loads)) {
          for (let n = 0; n < 20; n++) await load(n);
          const before = used();
          for (let n = 0; n < 700; n++) {
            const result = load(n);
            if (result !== undefined) await result;
          }
          console.log(Math.round(used() - before));
        }
        const rows = (await profiling.stop()).by('text');
        if (rows.length < 100) throw new Error(rows.length + ' rows');
        console.log(Math.round(used()));
      })();
    `);
    assert.strictEqual(code, 0, stderr);
    const kept = stdout.trim().split('\n').map(Number);
    assert.strictEqual(kept.length, 4);
    assert.ok(
      kept.every((megabytes) => megabytes < 30),
      kept.join(),
    );
  });
});
