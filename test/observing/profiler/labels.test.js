'use strict';

const assert = require('node:assert');

const { createNamespace, destroyNamespace } = require('context');

const { burn, labelsByFunction, startSampling } = require('./burn');
const { sampleEach } = require('./sampled');

/** The values of a label that samples of `burn` had while a function ran: no others, as what is around takes time as well. */
async function valuesOf(label, work, options = {}) {
  const profiling = await startSampling({ keys: [label], interval: 0.5, ...options });
  await work();
  const profile = await profiling.stop();
  const values = (labelsByFunction(profile).burn ?? []).filter((text) => text !== undefined);
  return values.map((text) => text.slice(text.indexOf(': ') + 2)).sort();
}

/** The routes that samples in each of some contexts have, each once, if they are set to another one before the profile is made. */
function routesOf(count, namespace) {
  const contexts = Array.from({ length: count }, () => namespace.createContext({ route: 'early' }));
  const profile = sampleEach(contexts, 'route', {
    beforeTheEnd() {
      for (const context of contexts) context.set('route', 'late');
    },
  });
  assert.strictEqual(profile.sampleCount, count);
  return profile.by('route').map(({ value }) => value);
}

describe('The labels of samples', () => {
  let namespace;

  beforeEach(() => {
    namespace = createNamespace('profiled');
  });

  afterEach(() => destroyNamespace('profiled'));

  it('are the values at the end of the profile, whenever they were set', async () => {
    const work = () =>
      namespace.run(() => {
        burn();
        namespace.set('route', '/early');
        burn();
        namespace.set('route', '/late');
      });
    assert.deepStrictEqual(await valuesOf('route', work), ['/late']);
  });

  it('are what get finds: inner values hide outer ones, and outer ones are found', async () => {
    const seen = await valuesOf('route', () =>
      namespace.run(() => {
        namespace.set('route', '/outer');
        namespace.run(() => burn());
        namespace.run(() => {
          namespace.set('route', '/inner');
          burn();
        });
      }),
    );
    assert.deepStrictEqual(seen, ['/inner', '/outer']);
  });

  it('are those that were active in the middle of a callback, after run and enter', async () => {
    const one = namespace.createContext({ route: '/one' });
    const two = namespace.createContext({ route: '/two' });
    const profiling = await startSampling({ keys: ['route'] });
    one.run(function oneBurns() {
      burn();
      two.enter();
      (function twoBurns() {
        burn();
      })();
      two.exit();
      (function oneAgainBurns() {
        burn();
      })();
    });
    (function nobodyBurns() {
      burn();
    })();
    const { twoBurns, oneAgainBurns, nobodyBurns } = labelsByFunction(await profiling.stop());
    assert.deepStrictEqual(
      { twoBurns, oneAgainBurns, nobodyBurns },
      {
        twoBurns: ['route: /two'],
        oneAgainBurns: ['route: /one'],
        nobodyBurns: [undefined],
      },
    );
  });

  it('are found in all namespaces, or in those that are named', async () => {
    const other = createNamespace('profiled-too');
    after(() => destroyNamespace('profiled-too'));
    const work = () =>
      namespace.run(() => {
        namespace.set('tenant', 'first');
        other.run(() => {
          other.set('route', '/second');
          burn();
        });
      });
    assert.deepStrictEqual(await valuesOf('tenant', work), ['first']);
    assert.deepStrictEqual(await valuesOf('route', work), ['/second']);
    assert.deepStrictEqual(await valuesOf('route', work, { namespaces: [namespace] }), []);
    assert.deepStrictEqual(await valuesOf('route', work, { namespaces: ['profiled-too'] }), ['/second']);
    const alone = () => namespace.createContext({ tenant: 'alone' }).run(() => burn());
    assert.deepStrictEqual(await valuesOf('tenant', alone, { namespaces: [other] }), []);
    assert.deepStrictEqual(await valuesOf('tenant', alone, { namespaces: [namespace] }), ['alone']);
  });

  it('are none in default contexts, for keys that nobody set, and for those that were deleted', async () => {
    namespace.set('tenant', 'all');
    const seen = await valuesOf('tenant', async () => {
      burn();
      namespace.active.run(() => burn());
      namespace.createContext({ other: 1 }).run(() => burn());
      namespace.createContext({ tenant: 'gone' }).run(function () {
        burn();
        this.delete('tenant');
      });
    });
    namespace.active.delete('tenant');
    assert.deepStrictEqual(seen, []);
  });

  it('are texts for values of any kind', async () => {
    const values = ['text', '', 0, -1.5, NaN, true, 12n, 10n ** 200n, null, {}, () => {}, Symbol('s'), 'x'.repeat(500)];
    const getter = namespace.createContext({ tenant: 'hidden' });
    Object.defineProperty(getter.bag, 'tenant', {
      get() {
        throw new Error('not to be read');
      },
    });
    const seen = await valuesOf('tenant', () => {
      for (const tenant of values) namespace.createContext({ tenant }).run(() => burn(60));
      getter.run(() => burn(60));
    });
    const expected = ['-1.5', '0', '12', 'NaN', '[bigint]', '[function]', '[null]', '[object]', '[symbol]', 'text', 'true'];
    assert.deepStrictEqual(seen, ['', ...expected, `${'x'.repeat(128)}…`].sort());
  });

  it('can have symbols and numbers for keys', async () => {
    const key = Symbol('route');
    const profiling = await startSampling({ keys: [key, 7] });
    namespace.createContext({ [key]: '/symbol', 7: 'seven' }).run(() => burn());
    const profile = await profiling.stop();
    const valuesBy = (label) => profile.by(label).map(({ value }) => value);
    assert.ok(valuesBy(key).includes('/symbol'));
    assert.ok(valuesBy(7).includes('seven'));
    assert.ok(valuesBy('7').includes('seven'));
    const names = profile.toCpuProfile({ labelsAtRoot: true }).nodes.map(({ callFrame }) => callFrame.functionName);
    assert.ok(names.includes('route: /symbol') && names.includes('7: seven'));
  });

  it('are those at the end of the profile for up to 20,000 contexts', () => {
    assert.deepStrictEqual(routesOf(20_000, namespace), ['late']);
  });

  it('are read earlier if there are more contexts than that, so that these are not kept', () => {
    assert.deepStrictEqual(routesOf(20_001, namespace), ['early']);
  });

  it('are told from each other up to a thousand values of a key: those with the most time, whenever they come', () => {
    const light = (from) => Array.from({ length: 900 }, (_, n) => namespace.createContext({ path: `/${from + n}` }));
    const heavy = ['/one', '/two'].map((path) => namespace.createContext({ path }));
    const contexts = [...light(0), heavy[0], ...light(900), heavy[1]];
    const rows = sampleEach(contexts, 'path', { timeOf: (context) => (heavy.includes(context) ? 100 : 2) }).by('path');
    assert.strictEqual(rows.length, 1001);
    // A light one may have been interrupted for longer.
    for (const path of ['/one', '/two']) assert.ok(rows.some(({ value }) => value === path));
    assert.strictEqual(rows.find(({ value }) => value === '(other)').samples, 802);
  });

  it('are bounded while a profile lasts, and those with the most time are told from each other', () => {
    const light = Array.from({ length: 60_000 }, (_, n) => namespace.createContext({ path: `/${n}` }));
    const heavy = namespace.createContext({ path: '/heavy' });
    const contexts = [heavy, ...light, heavy];
    const profile = sampleEach(contexts, 'path', { timeOf: (context) => (context === heavy ? 100 : 2), piece: 25_000 });
    const rows = profile.by('path');
    assert.deepStrictEqual([rows.length, rows.find(({ value }) => value === '/heavy').samples], [1001, 2]);
  });

  it('are none for what runs after a callback that throws', async () => {
    const profiling = await startSampling({ keys: ['route'] });
    const context = namespace.createContext({ route: '/throws' });
    assert.throws(() =>
      context.run(() => {
        throw new Error('thrown');
      }),
    );
    (function afterThrowing() {
      burn();
    })();
    await assert.rejects(
      context.run(async () => {
        await undefined;
        throw new Error('rejected');
      }),
    );
    (function afterRejecting() {
      burn();
    })();
    const { afterThrowing, afterRejecting } = labelsByFunction(await profiling.stop());
    assert.deepStrictEqual([afterThrowing, afterRejecting], [[undefined], [undefined]]);
  });

  it('are those of a bound callback that a queue calls, not of who made the queue turn', async () => {
    const profiling = await startSampling({ keys: ['route'] });
    const waiting = [];
    namespace.createContext({ route: '/opens' }).run(() => {
      setImmediate(() => waiting.splice(0).forEach((each) => each()));
    });
    await namespace.createContext({ route: '/asks' }).run(
      () =>
        new Promise((resolve) => {
          waiting.push(
            namespace.bind(function called() {
              resolve(burn());
            }),
          );
        }),
    );
    assert.deepStrictEqual(labelsByFunction(await profiling.stop()).called, ['route: /asks']);
  });
});
