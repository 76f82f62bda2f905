'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { ChildProcess, execFile } = require('node:child_process');
const { EventEmitter } = require('node:events');
const { promisify } = require('node:util');

const { createNamespace } = require('context');

const { runNode } = require('../support/child');

const namespace = createNamespace('returned promises');

/** A context, and a list of its ends. */
function counted() {
  const context = namespace.createContext();
  const ends = [];
  context.on('end', () => ends.push('end'));
  return [context, ends];
}

describe('the promise that run returns', () => {
  it('has what the promise of the callback carries: the child of a promisified execFile', async () => {
    const [context, ends] = counted();
    const run = promisify(execFile);
    const program = [process.execPath, ['-p', '1 + 1']];
    const calls = {
      run: () => context.run(() => run(...program)),
      'namespace.run': () => namespace.run(() => run(...program)),
      'a bound function': () => context.bind(() => run(...program))(),
      'nested runs': () => context.run(() => namespace.run(() => run(...program))),
    };
    for (const [name, call] of Object.entries(calls)) {
      const promise = call();
      assert.ok(promise.child instanceof ChildProcess, name);
      assert.strictEqual(typeof promise.child.pid, 'number');
      assert.strictEqual((await promise).stdout, '2\n');
    }
    assert.strictEqual(ends.length, 3);
  });

  it('has its own enumerable properties as they are, accessors too', async () => {
    const [context] = counted();
    let calls = 0;
    const promise = Object.defineProperties(Promise.resolve('value'), {
      plain: { value: 1, enumerable: true, configurable: true, writable: true },
      hidden: { value: 2 },
      accessor: { get: () => ++calls, enumerable: true },
      cancel: { value: () => 'cancelled', enumerable: true },
    });
    const result = context.run(() => promise);
    assert.strictEqual(calls, 0);
    assert.deepStrictEqual([result.plain, result.accessor, result.cancel()], [1, 1, 'cancelled']);
    assert.deepStrictEqual(Object.getOwnPropertyNames(result), ['plain', 'accessor', 'cancel']);
    assert.strictEqual(await result, 'value');
  });

  it('has nothing of what Node.js or an AsyncLocalStorage keeps with the other promise', async () => {
    const [context] = counted();
    const storage = new AsyncLocalStorage();
    const ids = [];
    const promise = storage.run('inside', () => Promise.resolve());
    promise.own = true;
    const result = storage.run('outside', () => context.run(() => promise));
    for (const one of [promise, result]) {
      await storage.run('around', () => one.then(() => assert.strictEqual(storage.getStore(), 'around')));
      const symbols = Object.getOwnPropertySymbols(one).filter(({ description }) => description === 'async_id_symbol');
      ids.push(symbols.map((symbol) => one[symbol])[0]);
    }
    assert.strictEqual(result.own, true);
    if (ids[0] !== undefined) assert.notStrictEqual(ids[0], ids[1]);
  });

  it('takes a promise whose own properties cannot be looked at, or are in the way', async () => {
    const odd = [
      Object.assign(Promise.resolve('value'), { constructor: undefined }),
      Object.assign(Promise.resolve('value'), { constructor: class {} }),
      Object.assign(Promise.resolve('value'), { catch: null, finally: null }),
      Object.freeze(Object.assign(Promise.resolve('value'), { own: 1 })),
      Object.setPrototypeOf(Promise.resolve('value'), Object.create(Promise.prototype)),
    ];
    for (const promise of odd) {
      const [context, ends] = counted();
      assert.strictEqual(await context.run(() => promise), 'value');
      assert.strictEqual(ends.length, 1);
    }
  });

  describe('is that of the callback if no end follows the call', () => {
    const promise = Promise.resolve('value');
    const calls = {
      'after endWith': (context) => context.endWith(new EventEmitter()).run(() => promise),
      'after endWith, of a bound function': (context) => context.endWith(new EventEmitter()).bind(() => promise)(),
      'after endWith in the call': (context) =>
        context.run(() => {
          context.endWith(new EventEmitter());
          return promise;
        }),
      'in a call of the same context': (context) =>
        context.run(() => {
          const returned = context.run(() => promise);
          return { then: undefined, returned };
        }).returned,
      'in the default context': () => namespace.active.run(() => promise),
    };
    for (const [when, call] of Object.entries(calls)) {
      it(when, () => assert.strictEqual(call(counted()[0]), promise));
    }

    it('and an outer call of another context still follows it once', async () => {
      const [outer, outerEnds] = counted();
      const [inner, innerEnds] = counted();
      let followed;
      const returned = outer.run(() => outer.run(() => (followed = inner.run(async () => 'value'))));
      assert.strictEqual(returned, followed);
      assert.strictEqual(await returned, 'value');
      assert.deepStrictEqual([outerEnds, innerEnds], [['end'], ['end']]);
    });
  });

  it('is not reported as an unhandled rejection if its own caller handles the promise, and no end follows', async () => {
    const program = (handles) => `
      const { EventEmitter } = require('events');
      const namespace = require('context').createNamespace('returned promises');
      process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
      const work = async (name) => { await null; throw new Error(name); };
      const calls = [
        (name, keep) => namespace.createContext().endWith(new EventEmitter()).run(() => keep(work(name))),
        (name, keep) => namespace.createContext().endWith(new EventEmitter()).bind(() => keep(work(name)))(),
        (name, keep) => namespace.run(() => { namespace.active.endWith(new EventEmitter()); return keep(work(name)); }),
        (name, keep) => namespace.run(() => { const { active } = namespace; active.run(() => keep(work(name))); }),
      ];
      calls.forEach(async (call, index) => {
        let job;
        call('job ' + index, (promise) => (job = promise));
        ${handles ? "await job.catch((error) => console.log('handled', error.message));" : ''}
      });`;
    for (const [handles, word] of Object.entries({ true: 'handled', false: 'unhandled' })) {
      const { code, stdout } = await runNode(program(handles === 'true'));
      assert.strictEqual(code, 0);
      assert.strictEqual(stdout, [0, 1, 2, 3].map((index) => `${word} job ${index}\n`).join(''));
    }
  });
});
