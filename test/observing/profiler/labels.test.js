'use strict';

const assert = require('node:assert');

const { createNamespace, destroyNamespace } = require('context');

const { start: startUsage } = require('context/usage');

const { burn, labelsByFunction, startSampling } = require('./burn');
const { decode } = require('./command');
const { sampleEach } = require('./sampled');

/** Uses the processor in a function of a name, by which its samples are found. */
const burnAs = (name) => new Function('burn', `(function ${name}() { burn(); })();`)(burn);

/** What runs in one profile, by the name of its promise: what works, and the route of each function. */
const CASES = {
  'are the values at the end of the profile, whenever they were set': [
    (namespace) =>
      namespace.run(() => {
        burnAs('unset');
        namespace.set('route', '/early');
        burnAs('early');
        namespace.set('route', '/late');
      }),
    { unset: '/late', early: '/late' },
  ],
  'are what get finds: inner values hide outer ones, and outer ones are found': [
    (namespace) =>
      namespace.createContext({ route: '/outer' }).run(() => {
        namespace.run(() => burnAs('inOuter'));
        namespace.createContext({ route: '/inner' }).run(() => burnAs('inInner'));
      }),
    { inOuter: '/outer', inInner: '/inner' },
  ],
  'are those that were active in the middle of a callback, after run and enter': [
    (namespace) => {
      const [one, two] = ['/one', '/two'].map((route) => namespace.createContext({ route }));
      one.run(() => {
        two.enter();
        burnAs('inTwo');
        two.exit();
        burnAs('inOneAgain');
      });
      burnAs('inNone');
    },
    { inTwo: '/two', inOneAgain: '/one', inNone: undefined },
  ],
  'are none in default contexts, without a value, and for one that was deleted': [
    (namespace) => {
      namespace.set('route', 'all');
      namespace.active.run(() => burnAs('inDefault'));
      namespace.active.delete('route');
      namespace.createContext({ other: 1 }).run(() => burnAs('withoutValue'));
      namespace.createContext({ route: 'gone' }).run(function () {
        burnAs('deleted');
        this.delete('route');
      });
    },
    { inDefault: undefined, withoutValue: undefined, deleted: undefined },
  ],
  'are none after a callback that throws, or rejects': [
    async (namespace) => {
      const fail = () => {
        throw new Error('expected');
      };
      const context = namespace.createContext({ route: '/throws' });
      assert.throws(() => context.run(fail), /expected/);
      burnAs('afterThrowing');
      await assert.rejects(context.run(async () => fail(await undefined)));
      burnAs('afterRejecting');
    },
    { afterThrowing: undefined, afterRejecting: undefined },
  ],
  'are those of a bound callback that a queue calls, not of the context in which it turns': [
    async (namespace) => {
      const waiting = [];
      const turn = () => waiting.splice(0).forEach((each) => each());
      namespace.createContext({ route: '/opens' }).run(() => setImmediate(turn));
      await namespace
        .createContext({ route: '/asks' })
        .run(() => new Promise((resolve) => waiting.push(namespace.bind(() => resolve(burnAs('fromQueue'))))));
    },
    { fromQueue: '/asks' },
  ],
};

describe('The labels of samples', () => {
  let namespace;
  let found;

  before(async () => {
    namespace = createNamespace('profiled');
    const profiling = await startSampling({ keys: ['route'], interval: 0.5 });
    for (const [work] of Object.values(CASES)) await work(namespace);
    found = labelsByFunction(await profiling.stop());
  });

  after(() => destroyNamespace('profiled'));

  for (const [title, [, expected]] of Object.entries(CASES)) {
    it(title, () => {
      const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]]));
      const texts = Object.entries(expected).map(([name, route]) => [name, [route && `route: ${route}`]]);
      assert.deepStrictEqual(actual, Object.fromEntries(texts));
    });
  }

  /** The values of labels in a profile of some work. */
  async function valuesOf(work, labels, options) {
    const profiling = await startSampling({ keys: labels, interval: 0.5, ...options });
    work();
    const profile = await profiling.stop();
    const values = labels.map((label) => profile.by(label).map(({ value }) => value));
    return { profile, values: values.map((each) => each.filter((value) => value !== undefined).sort()) };
  }

  it('are found in all namespaces, or in those that are named', async () => {
    const other = createNamespace('profiled-too');
    const work = () => {
      namespace.createContext({ tenant: 'first' }).run(() => other.createContext({ route: '/second' }).run(() => burn()));
      namespace.createContext({ tenant: 'alone' }).run(() => burn());
    };
    for (const [namespaces, tenants, routes] of [
      [undefined, ['alone', 'first'], ['/second']],
      [[namespace], ['alone', 'first'], []],
      [['profiled-too'], [], ['/second']],
    ]) {
      const { values } = await valuesOf(work, ['tenant', 'route'], { namespaces });
      assert.deepStrictEqual(values, [tenants, routes]);
    }
    destroyNamespace('profiled-too');
  });

  it('are those of the namespace that comes first in the option, or was created first, if two have a key, whoever is inside', async () => {
    const other = createNamespace('profiled-later');
    const make = (one, text) => one.createContext({ tenant: text });
    const work = () => {
      make(namespace, 'first').run(() => make(other, 'second').run(() => burn()));
      make(other, 'second').run(() => make(namespace, 'first').run(() => burn()));
    };
    for (const [namespaces, expected] of [
      [undefined, 'first'],
      [[namespace, other], 'first'],
      [[other, namespace], 'second'],
    ]) {
      const usage = startUsage({ namespaces, keys: ['tenant'] });
      const { profile } = await valuesOf(work, ['tenant'], { namespaces });
      usage.stop();
      // The outer one is alone for a moment.
      const [most] = profile.by('tenant').filter(({ value }) => value !== undefined);
      assert.deepStrictEqual([most.value, usage.by('tenant')[0].row], [expected, expected]);
    }
    destroyNamespace('profiled-later');
  });

  it('are texts for values of any kind, and have symbols and numbers for keys', async () => {
    const tenants = ['text', '', 0, -1.5, NaN, true, 12n, 10n ** 200n, null, {}, () => {}, Symbol('s'), 'x'.repeat(500)];
    const getter = namespace.createContext({ tenant: 'hidden' });
    Object.defineProperty(getter.bag, 'tenant', { get: () => assert.fail('read') });
    const key = Symbol('route');
    const work = () => {
      for (const tenant of tenants) namespace.createContext({ tenant }).run(() => burn(60));
      getter.run(() => burn(60));
      namespace.createContext({ [key]: '/symbol', 7: 'seven' }).run(() => burn());
    };
    const { profile, values } = await valuesOf(work, ['tenant', key, 7]);
    const expected = ['-1.5', '0', '12', 'NaN', '[bigint]', '[function]', '[null]', '[object]', '[symbol]', 'text', 'true'];
    assert.deepStrictEqual(values, [['', ...expected, `${'x'.repeat(128)}…`].sort(), ['/symbol'], ['seven']]);
    const inPprof = decode(profile.toPprof()).samples.map(({ labels }) => labels.tenant);
    assert.ok(inPprof.includes('(empty)') && !inPprof.includes(''), inPprof.join());
    assert.ok(profile.by('7').some(({ value }) => value === 'seven'));
    const names = profile.toCpuProfile({ labelsAtRoot: true }).nodes.map(({ callFrame }) => callFrame.functionName);
    assert.ok(names.includes('route: /symbol') && names.includes('7: seven'));
  });

  for (const [title, count, expected] of [
    ['are those at the end of the profile for up to 20,000 contexts', 20_000, 'late'],
    ['are read earlier if there are more contexts than that, so that these are not kept', 20_001, 'early'],
  ]) {
    it(title, () => {
      const contexts = Array.from({ length: count }, () => namespace.createContext({ route: 'early' }));
      const setAll = () => contexts.forEach((context) => context.set('route', 'late'));
      const profile = sampleEach(contexts, 'route', { beforeTheEnd: setAll });
      assert.strictEqual(profile.sampleCount, count);
      assert.deepStrictEqual(profile.by('route').map(({ value }) => value), [expected]); // prettier-ignore
    });
  }

  it('have their own rows for a thousand values of a key: those with the most time, whenever they come', () => {
    const light = (from) => Array.from({ length: 900 }, (_, n) => namespace.createContext({ path: `/${from + n}` }));
    const heavy = ['/one', '/two'].map((path) => namespace.createContext({ path }));
    const contexts = [...light(0), heavy[0], ...light(900), heavy[1]];
    const rows = sampleEach(contexts, 'path', { timeOf: (context) => (heavy.includes(context) ? 100 : 2) }).by('path');
    assert.strictEqual(rows.length, 1001);
    // A light one may have been interrupted for longer.
    for (const path of ['/one', '/two']) assert.ok(rows.some(({ value }) => value === path));
    assert.strictEqual(rows.find(({ value }) => value === '(other)').samples, 802);
  });

  it('are bounded while a profile lasts, and those with the most time keep their own rows', () => {
    const light = Array.from({ length: 60_000 }, (_, n) => namespace.createContext({ path: `/${n}` }));
    const heavy = namespace.createContext({ path: '/heavy' });
    const contexts = [heavy, ...light, heavy];
    const profile = sampleEach(contexts, 'path', { timeOf: (context) => (context === heavy ? 100 : 2), piece: 25_000 });
    const rows = profile.by('path');
    assert.deepStrictEqual([rows.length, rows.find(({ value }) => value === '/heavy').samples], [1001, 2]);
  });
});
