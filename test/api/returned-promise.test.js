'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { ChildProcess, execFile } = require('node:child_process');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { promisify } = require('node:util');

const { createNamespace } = require('context');

const { linesOf } = require('../support/child');
const { watchCollection } = require('../support/collected');
const { assertSame, counted } = require('../support/contexts');

const namespaces = ['a', 'b', 'c'].map((name) => createNamespace(`returned promises: ${name}`));
const [a, b] = namespaces;

describe('the promise that run returns', () => {
  it('has what the promise of the callback has: the child of a promisified execFile', async () => {
    const { context, ends } = counted(a);
    const run = () => promisify(execFile)(process.execPath, ['-p', '1 + 1']);
    const calls = [() => context.run(run), () => a.run(run), () => context.bind(run)(), () => context.run(() => a.run(run))];
    const promises = calls.map((call) => call());
    for (const promise of promises) {
      assert.ok(promise.child instanceof ChildProcess);
      assert.strictEqual((await promise).stdout, '2\n');
    }
    assert.strictEqual(ends.length, 3);
  });

  it('has its own enumerable properties as they are, accessors too', async () => {
    let calls = 0;
    const promise = Object.defineProperties(Promise.resolve('value'), {
      plain: { value: 1, enumerable: true, configurable: true, writable: true },
      hidden: { value: 2 },
      accessor: { get: () => ++calls, enumerable: true },
      cancel: { value: () => 'cancelled', enumerable: true },
    });
    const result = a.run(() => promise);
    assert.strictEqual(calls, 0);
    assert.deepStrictEqual([result.plain, result.accessor, result.cancel()], [1, 1, 'cancelled']);
    assert.deepStrictEqual(Object.getOwnPropertyNames(result), ['plain', 'accessor', 'cancel']);
    assert.strictEqual(await result, 'value');
  });

  it('has nothing of what Node.js or an AsyncLocalStorage keeps with the other promise', async () => {
    const storage = new AsyncLocalStorage();
    const promise = storage.run('inside', () => Object.assign(Promise.resolve(), { own: true }));
    const result = storage.run('outside', () => a.run(() => promise));
    const ids = [];
    for (const one of [promise, result]) {
      await storage.run('around', () => one.then(() => assert.strictEqual(storage.getStore(), 'around')));
      const symbol = Object.getOwnPropertySymbols(one).find(({ description }) => description === 'async_id_symbol');
      ids.push(one[symbol]);
    }
    assert.strictEqual(result.own, true);
    if (ids[0] !== undefined) assert.notStrictEqual(ids[0], ids[1]);
  });

  it('may come from one whose own properties cannot be looked at, or are in the way', async () => {
    const odd = [
      Object.assign(Promise.resolve('value'), { constructor: undefined }),
      Object.assign(Promise.resolve('value'), { constructor: class {} }),
      Object.assign(Promise.resolve('value'), { catch: null, finally: null }),
      Object.freeze(Object.assign(Promise.resolve('value'), { own: 1 })),
      Object.setPrototypeOf(Promise.resolve('value'), Object.create(Promise.prototype)),
    ];
    for (const promise of odd) {
      const { context, ends } = counted(a);
      assert.strictEqual(await context.run(() => promise), 'value');
      assert.strictEqual(ends.length, 1);
    }
  });

  it("is the callback's if no end follows the call", async () => {
    const promise = Promise.resolve('value');
    const endless = () => a.createContext().endWith(new EventEmitter());
    const results = [
      endless().run(() => promise),
      endless().bind(() => promise)(),
      a.run(function () {
        this.endWith(new EventEmitter());
        return promise;
      }),
      a.run(function () {
        return { then: undefined, returned: this.run(() => promise) };
      }).returned,
      a.active.run(() => promise),
    ];
    assertSame(results, new Array(5).fill(promise));
    // An outer call of another context still follows it, once.
    const [outer, inner] = [counted(a), counted(a)];
    let followed;
    const returned = outer.context.run(() => outer.context.run(() => (followed = inner.context.run(async () => 'value'))));
    assert.strictEqual(returned, followed);
    assert.strictEqual(await returned, 'value');
    assert.deepStrictEqual([outer.ends.length, inner.ends.length], [1, 1]);
  });

  it('is reported as an unhandled rejection once, in its contexts, unless its own caller handles it', async () => {
    const lines = await linesOf(`
      const { EventEmitter } = require('events');
      const { setImmediate: nextTurn } = require('timers/promises');
      const [a, b] = ['a', 'b'].map((name) => require('context').createNamespace(name));
      const events = [];
      process.on('unhandledRejection', () => events.push(['unhandled', a.get('id'), b.get('id')]));
      const create = () => a.createContext({ id: 1 });
      const endless = () => create().endWith(new EventEmitter());
      const calls = {
        'a call': (work) => create().run(work),
        'nested calls': (work) => create().run(() => b.createContext({ id: 2 }).run(work)),
        'a run without an end': (work) => endless().run(work),
        'a bound function without an end': (work) => endless().bind(work)(),
        'a run that loses its end': (work) => create().run(function () { this.endWith(new EventEmitter()); return work(); }),
        'an inner run': (work) => create().run(function () { this.run(work); }),
      };
      (async () => {
        for (const [name, call] of Object.entries(calls)) {
          for (const isHandled of [false, true]) {
            let job;
            call(() => (job = nextTurn().then(() => Promise.reject(new Error(name)))));
            if (isHandled) await job.catch(() => events.push(['handled']));
            await nextTurn();
            await nextTurn();
          }
          console.log(name + ':', events.splice(0).join('; '));
        }
      })();
    `);
    assert.deepStrictEqual(lines, [
      'a call: unhandled,1,; handled; unhandled,1,',
      'nested calls: unhandled,1,2; handled; unhandled,1,2',
      'a run without an end: unhandled,1,; handled',
      'a bound function without an end: unhandled,1,; handled',
      'a run that loses its end: unhandled,1,; handled',
      'an inner run: unhandled,1,; handled',
    ]);
  });
});

describe('calls that return the promise of a call within them', () => {
  /** Two contexts of different namespaces, and the names of those that have ended, in that order. */
  function twoCalls() {
    const ends = [];
    const [outer, inner] = [a.createContext(), b.createContext()];
    outer.on('end', () => ends.push('outer'));
    inner.on('end', () => ends.push('inner'));
    return { outer, inner, ends };
  }

  it('end once, the innermost first, each with what is around it active, however the promise settles', async () => {
    const error = new Error('rejected');
    for (const isRejected of [false, true]) {
      const ends = [];
      const contexts = namespaces.map((namespace) => namespace.createContext());
      const look = (index) => ends.push([index, ...namespaces.map((namespace, at) => namespace.active === contexts[at])]);
      contexts.forEach((context, index) => context.on('end', () => look(index)));
      const work = () => nextTurn('value').then((value) => (isRejected ? Promise.reject(error) : value));
      let inner;
      const outer = contexts[0].run(() => contexts[1].run(() => (inner = contexts[2].run(work))));
      // One promise is enough to follow it for all of them.
      assert.strictEqual(outer, inner);
      assert.deepStrictEqual(ends, []);
      assert.strictEqual(await outer.catch((caught) => caught), isRejected ? error : 'value');
      assert.deepStrictEqual(ends, [
        [2, true, true, false],
        [1, true, false, false],
        [0, false, false, false],
      ]);
      const origins = namespaces.map((namespace) => namespace.fromException(error));
      assertSame(origins, isRejected ? contexts : new Array(3).fill(undefined));
    }
  });

  it('have their own outcome if they return another promise, or that one later', async () => {
    const first = twoCalls();
    let finish;
    const result = first.outer.run(() => {
      first.inner.run(() => new Promise((resolve) => (finish = resolve)));
      return Promise.resolve('other');
    });
    assert.strictEqual(await result, 'other');
    assert.deepStrictEqual(first.ends, ['outer']);
    finish();
    await nextTurn();
    assert.deepStrictEqual(first.ends, ['outer', 'inner']);
    const second = twoCalls();
    const promise = second.inner.run(() => nextTurn('value'));
    assert.strictEqual(await second.outer.run(() => promise), 'value');
    assert.deepStrictEqual(second.ends, ['inner', 'outer']);
  });

  it('end if microtasks have run before they are left', async () => {
    const { outer, inner, ends } = twoCalls();
    const result = outer.run(() => {
      const promise = inner.run(async () => 'value');
      process._tickCallback();
      assert.deepStrictEqual(ends, ['inner']);
      return promise;
    });
    assert.strictEqual(await result, 'value');
    assert.deepStrictEqual(ends, ['inner', 'outer']);
  });

  it('end for each of many contexts of one namespace', async () => {
    const ends = [];
    const run = (depth) => {
      if (depth === 0) return nextTurn('deep');
      const context = a.createContext();
      context.on('end', () => ends.push(depth));
      return context.run(() => run(depth - 1));
    };
    assert.strictEqual(await run(500), 'deep');
    const inOrder = Array.from({ length: 500 }, (_, index) => index + 1);
    assert.deepStrictEqual(ends, inOrder);
  });

  it('keep neither the promise nor its value alive once it has settled', async () => {
    const { watch, collected } = watchCollection();
    let kept;
    const work = async () => {
      await null;
      const value = { large: true };
      watch(value);
      // Holds what is active here.
      kept = a.bind(() => {});
      return value;
    };
    await a.run(() => b.run(work));
    await collected(1);
    assert.strictEqual(typeof kept, 'function');
  });
});
