'use strict';

const { itRuns } = require('../programs');

/** What begins before a profile, and returns what ends it. */
const TAMPERINGS = `
  const defineSetters = (prototype, names, isOurs) => {
    const seen = [];
    for (const name of names) {
      Object.defineProperty(prototype, name, {
        set(value) {
          if (isOurs(name, value)) seen.push(value);
          Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
        },
        get() {},
        configurable: true,
      });
    }
    return () => {
      for (const name of names) delete prototype[name];
      assert.strictEqual(seen.length, 0);
    };
  };
  const tamperings = {
    settersOfArrays: () => defineSetters(Array.prototype, Array.from({ length: 40 }, (_, index) => index), (_, value) =>
      value !== null && typeof value === 'object' && ('route' in value || 'page' in value)),
    settersOfObjects: () => defineSetters(
      Object.prototype, ['times', 'numbers', 'owners', 'length', 'next', 'first', 'id', 'time', 'route', 'values', 'record'],
      (name) => ['owners', 'numbers', 'record'].includes(name)),
    otherMethodsOfMap() {
      const { get, set, has } = Map.prototype;
      Map.prototype.get = Map.prototype.set = Map.prototype.has = () => { throw new Error('of Map'); };
      return () => { Object.assign(Map.prototype, { get, set, has }); };
    },
    stoppedClock() {
      const { hrtime } = process;
      const { now } = Date;
      const { setInterval } = globalThis;
      process.hrtime = Object.assign(() => [1, 1], { bigint: () => 1n });
      globalThis.setInterval = () => { throw new Error('of the timers'); };
      Date.now = () => 1;
      return () => { process.hrtime = hrtime; globalThis.setInterval = setInterval; Date.now = now; };
    },
    otherClock() {
      const { now } = performance;
      const prototype = Object.getPrototypeOf(performance);
      Object.defineProperty(performance, 'now', { value: () => now.call(performance), configurable: true });
      prototype.now = () => 0;
      return () => { delete performance.now; prototype.now = now; };
    },
  };
`;

const HEAD = `
  const assert = require('node:assert');
  const { createNamespace } = require('context');
  const { start } = require('context/profiler');
  const { burn, labelsByFunction } = require('./test/observing/profiler/burn');
  const namespace = createNamespace('hostile');
  const nothing = () => () => {};
  /** Asserts that a profile shows two routes, and nobody's work. */
  async function assertRight({ tamper = nothing, during = nothing }) {
    const profiling = await start({ keys: ['route'], interval: 0.5 });
    const restore = tamper();
    namespace.createContext({ route: '/one' }).run(function one() { burn(); });
    await namespace.createContext({ route: '/two' }).run(async function () { await null; (function two() { burn(); })(); });
    await new Promise((resolve) => setTimeout(resolve, 5));
    (function nobody() { burn(); })();
    await during();
    const profile = await profiling.stop();
    restore();
    const { one, two, nobody } = labelsByFunction(profile);
    assert.deepStrictEqual({ one, two, nobody }, { one: ['route: /one'], two: ['route: /two'], nobody: [undefined] });
  }
  const done = () => console.log('done');
`;

const programs = {
  'is right after others have replaced what it uses, each in its turn': `
    ${TAMPERINGS}
    (async () => {
      for (const tamper of Object.values(tamperings)) await assertRight({ tamper });
      done();
    })();
  `,
  'is right with contexts that are frozen, and values that throw when they are shown': `
    assertRight({
      during() {
        const context = namespace.createContext({ other: 1 });
        Object.freeze(context.bag);
        Object.freeze(context);
        context.run(() => burn());
        const fail = () => { throw new Error('expected'); };
        const hostile = new Proxy(function () {}, { get: fail, getPrototypeOf: fail });
        namespace.createContext({ route: hostile }).run(() => burn());
      },
    }).then(done);
  `,
};

describe('A profile in a hostile process', () => {
  itRuns(programs, { head: HEAD });
});
