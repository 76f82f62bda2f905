'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');
const { outcomeOf } = require('./outcome');

describe('the process, with domains', () => {
  for (const step of [
    'setImmediate(() => { throw new Error("thrown"); })',
    'Promise.reject(new Error("rejected"))',
    'Promise.reject("text")',
    'process.on("exit", () => console.log("exit")); setImmediate(() => { throw null; })',
    'process.on("uncaughtException", (...args) => console.log(args)); Promise.reject(1)',
    'process.on("unhandledRejection", (reason) => console.log(reason)); Promise.reject(1)',
  ]) {
    it(`reports what happens outside of them as ever: ${step}`, async () => {
      const load = 'require("context/domain").create().on("error", () => {}).run(() => {});';
      const outcomes = await Promise.all(['', load].map((first) => runNode(`${first}\n${step}`)));
      const [expected, actual] = outcomes.map(({ stderr, ...rest }) => ({
        ...rest,
        stderr: stderr.replace(/^\s+at .*\n/gm, ''),
      }));
      assert.deepStrictEqual(actual, expected);
    });
  }

  it('may load the domain module of Node.js beside it', async () => {
    const { code, lines } = await outcomeOf(
      'context/domain',
      `
        const note = (name) => (error) => log(name, error.message);
        const ours = domain.create().on('error', note('ours'));
        const theirs = require('node:domain').create().on('error', note('theirs'));
        for (const [name, d] of Object.entries({ ours, theirs })) {
          setImmediate(() => d.run(() => setImmediate(fail, 'in ' + name)));
          setImmediate(() => d.run(() => new EventEmitter()).emit('error', new Error('of ' + name)));
          setImmediate(() => d.run(() => { Promise.reject(new Error('rejected in ' + name)); }));
        }
      `,
    );
    const expected = ['ours', 'theirs'].flatMap((name) => ['in', 'of', 'rejected in'].map((what) => `${name} ${what} ${name}`));
    assert.deepStrictEqual([code, lines.sort()], [0, expected]);
  });
});

describe('a domain gets no errors of callbacks that do not belong to it', () => {
  // How nothing leaks into the callbacks of others is in propagation/leaks.test.js.
  it('if it was entered, as the first one of the process, by a function that waited for the same promise', async () => {
    const { code, lines } = await outcomeOf(
      'context/domain',
      `
        const { finalize } = require('../../support/subject');
        process.on('uncaughtException', (error) => log('uncaught', error.message));
        process.once('beforeExit', () => {
          log('beforeExit', domain.active);
          setImmediate(fail, 'started in beforeExit');
        });
        const d = domain.create().on('error', (error) => log('d got', error.message));
        let release;
        const shared = new Promise((resolve) => { release = resolve; });
        for (const name of ['a', 'b', 'c']) {
          (async () => {
            await shared;
            if (name === 'c') d.enter();
            await new Promise((resolve) => setImmediate(resolve));
            setImmediate(fail, 'of ' + name);
          })();
        }
        setImmediate(release);
        setImmediate(() => setImmediate(() => finalize([1, 2], (value) => {
          setImmediate(fail, 'started in finalized ' + value);
          fail('finalized ' + value);
        })));
      `,
    );
    const uncaught = [
      ...['finalized 1', 'finalized 2', 'of a', 'of b'],
      ...['started in beforeExit', 'started in finalized 1', 'started in finalized 2'],
    ];
    const expected = ['beforeExit undefined', 'd got of c', ...uncaught.map((message) => `uncaught ${message}`)];
    assert.deepStrictEqual([code, lines.sort()], [0, expected]);
  });
});

describe('unlike with the domain of Node.js', () => {
  it('frozen errors do not end the process', async () => {
    const program = `setImmediate(() => got('d').run(() => { throw Object.freeze(new Error('thrown')); }));`;
    assert.strictEqual((await outcomeOf('context/domain', program)).code, 0);
    assert.strictEqual((await outcomeOf('domain', program)).code, 7);
  });

  it('a microtask gives its errors to the domain if Node.js knows in which context it failed', async () => {
    const { lines: known } = await outcomeOf(
      'context/domain',
      `
        const store = new AsyncLocalStorage();
        process.on('uncaughtException', () => log(store.getStore() === 1));
        store.run(1, () => queueMicrotask(() => fail('microtask')));
      `,
    );
    const program = `got('d').run(() => queueMicrotask(() => fail('microtask')));`;
    const { code, lines } = await outcomeOf('context/domain', program);
    const expected = known[0] === 'true' ? { code: 0, lines: ['d got microtask true true'] } : { code: 1, lines: [] };
    assert.deepStrictEqual({ code, lines }, expected);
    assert.strictEqual((await outcomeOf('domain', program)).code, 1);
  });
});
