'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');
const { copyPackage } = require('../../support/copy');

/** What a profile must show in a process that was tampered with: two routes, and nobody's work, by the functions in which they are. */
const work = `
  const assert = require('node:assert');
  const { createNamespace } = require('context');
  const { start } = require('context/profiler');
  const { burn, labelsByFunction } = require('./test/observing/profiler/burn');
  const namespace = createNamespace('hostile');
  async function profile(during = () => {}) {
    const profiling = await start({ keys: ['route'], interval: 0.5 });
    const restore = tamper();
    namespace.createContext({ route: '/one' }).run(function one() { burn(); });
    await namespace.createContext({ route: '/two' }).run(async function () { await null; (function two() { burn(); })(); });
    await new Promise((resolve) => setTimeout(resolve, 5));
    (function nobody() { burn(); })();
    await during();
    const made = await profiling.stop();
    restore();
    const { one, two, nobody } = labelsByFunction(made);
    assert.deepStrictEqual({ one, two, nobody }, { one: ['route: /one'], two: ['route: /two'], nobody: [undefined] });
    console.log('right');
  }
`;

const tamperings = {
  'setters of Array.prototype': `
    const seen = [];
    for (let index = 0; index < 40; index++) {
      Object.defineProperty(Array.prototype, index, {
        set(value) {
          if (value !== null && typeof value === 'object' && ('route' in value || 'page' in value)) seen.push(value);
          Object.defineProperty(this, index, { value, writable: true, enumerable: true, configurable: true });
        },
        get() {},
        configurable: true,
      });
    }
    return () => {
      for (let index = 0; index < 40; index++) delete Array.prototype[index];
      assert.strictEqual(seen.length, 0);
    };
  `,
  'setters of Object.prototype': `
    const seen = [];
    const names = ['times', 'numbers', 'owners', 'length', 'next', 'first', 'id', 'time', 'route', 'values', 'record'];
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        set(value) {
          if (name === 'owners' || name === 'numbers' || name === 'record') seen.push(value);
          Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
        },
        get() {},
        configurable: true,
      });
    }
    return () => {
      for (const name of names) delete Object.prototype[name];
      assert.strictEqual(seen.length, 0);
    };
  `,
  'other methods of Map': `
    const { get, set, has } = Map.prototype;
    Map.prototype.get = Map.prototype.set = Map.prototype.has = () => { throw new Error('of Map'); };
    return () => { Object.assign(Map.prototype, { get, set, has }); };
  `,
  'a clock that stands still': `
    const { now } = performance;
    const { hrtime } = process;
    const real = now.call(performance);
    const fake = () => real;
    // burn() has the real one.
    const { setInterval } = globalThis;
    process.hrtime = Object.assign(() => [1, 1], { bigint: () => 1n });
    globalThis.setInterval = () => { throw new Error('of the timers'); };
    Date.now = fake;
    return () => { process.hrtime = hrtime; globalThis.setInterval = setInterval; };
  `,
};

describe('A profile in a hostile process', () => {
  for (const [name, tampering] of Object.entries(tamperings)) {
    it(`is right with ${name}`, async () => {
      const { code, stdout, stderr } = await runNode(`${work} function tamper() { ${tampering} } profile();`);
      assert.strictEqual(code, 0, stderr);
      assert.strictEqual(stdout, 'right\n');
    });
  }

  it('is right if performance.now is replaced, as libraries for tests do', async () => {
    const { code, stdout, stderr } = await runNode(`
      ${work}
      const { now } = performance;
      function tamper() {
        Object.defineProperty(performance, 'now', { value: () => now.call(performance), configurable: true });
        Object.getPrototypeOf(performance).now = () => 0;
        return () => { delete performance.now; Object.getPrototypeOf(performance).now = now; };
      }
      profile();
    `);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'right\n');
  });

  it('is right after the stack was full in the middle of nested contexts', async () => {
    const { code, stdout, stderr } = await runNode([
      '--stack-size=300',
      '-e',
      `${work}
      const tamper = () => () => {};
      function nest(depth) {
        namespace.run(() => { namespace.set('route', '/' + depth); nest(depth + 1); });
      }
      profile(() => {
        for (let round = 0; round < 100; round++) assert.throws(() => nest(0), RangeError);
        assert.strictEqual(namespace.isActive(), false);
        (function nobody() { burn(); })();
      });`,
    ]);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'right\n');
  });

  it('is right with contexts that are frozen, and values that throw when they are shown', async () => {
    const { code, stdout, stderr } = await runNode(`
      ${work}
      const tamper = () => () => {};
      profile(() => {
        const context = namespace.createContext({ other: 1 });
        Object.freeze(context.bag);
        Object.freeze(context);
        context.run(() => burn());
        const hostile = new Proxy(function () {}, { get() { throw new Error('get'); }, getPrototypeOf() { throw new Error('proto'); } });
        namespace.createContext({ route: hostile }).run(() => burn());
      });
    `);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'right\n');
  });

  it('is one for all copies of the package', async () => {
    const folder = copyPackage();
    const { code, stdout, stderr } = await runNode(`
      ${work}
      const tamper = () => () => {};
      const copy = require(${JSON.stringify(`${folder}/lib/observing/profiler`)});
      profile(async () => {
        assert.strictEqual(copy.start, start);
        await assert.rejects(copy.start({ keys: [] }), { code: 'ERR_CONTEXT_PROFILER_RUNNING' });
      });
    `);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'right\n');
  });
});
