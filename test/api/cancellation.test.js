'use strict';

const assert = require('node:assert');
const { EventEmitter, getEventListeners, once } = require('node:events');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');

const { createNamespace, detach, stats } = require('context');

const { linesOf } = require('../support/child');
const { watchCollection } = require('../support/collected');
const { assertSame } = require('../support/contexts');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('cancellation');
const other = createNamespace('cancellation.other');
const create = (options) => namespace.createContext({}, options);
const outermost = namespace.active;
const aborted = (signal) => once(signal, 'abort').then(() => signal.reason);

/** Calls a function where the default context was entered on top of what is active. */
const inDefault = (callback) => create().run(() => outermost.enter() && callback());

/** What a signal says, from when a function is called. */
const stateOf = ({ aborted: isAborted, reason }) => [isAborted, reason?.name ?? reason];

describe('context.signal', () => {
  it('is one signal, which abort aborts with its first reason, also if it is read only later', () => {
    for (const isReadBefore of [true, false]) {
      for (const [args, reason] of [
        [[], 'AbortError'],
        [[undefined], 'AbortError'],
        [['why'], 'why'],
        [[null], null],
        [[0], 0],
      ]) {
        const context = create();
        if (isReadBefore) assert.deepStrictEqual(stateOf(context.signal), [false, undefined]);
        assert.strictEqual(context.abort(...args), undefined);
        context.abort('second');
        assert.ok(context.signal instanceof AbortSignal);
        assert.deepStrictEqual(stateOf(context.signal), [true, reason]);
        assert.strictEqual(context.signal, context.signal);
      }
    }
  });

  it('aborts no more after end, however that comes, and nothing of it fails', () => {
    const ends = [(one) => one.run(() => {}), (one) => one.end(), (one) => one.endWith(new EventEmitter()).end()];
    for (const end of ends) {
      for (const isReadBefore of [true, false]) {
        const context = create({ timeout: 1e6 });
        const signal = isReadBefore ? context.signal : undefined;
        context.on(
          'end',
          mustCall(() => context.abort('in a listener')),
        );
        end(context);
        context.abort('afterwards');
        assert.strictEqual(context.signal.aborted, false);
        if (isReadBefore) assert.strictEqual(context.signal, signal);
      }
    }
  });

  it('is made when it is first read', async () => {
    const lines = await linesOf(`
      let made = 0;
      globalThis.AbortController = class extends AbortController { made = made++; };
      const namespace = require('context').createNamespace('one');
      const context = namespace.createContext({}, { root: true, timeout: 1e6 });
      context.run(() => namespace.run(() => context.endWith(new Promise(() => {})).remainingTime));
      context.abort();
      context.end();
      namespace.wrap(async () => {})();
      console.log(made, context.signal.aborted, made);
    `);
    assert.deepStrictEqual(lines, ['0 true 1']);
  });

  it('of a default context never aborts, and cannot', () => {
    assert.throws(() => outermost.abort(), { name: 'Error', code: 'ERR_CONTEXT_NOT_ACTIVE' });
    assert.strictEqual(outermost.signal.aborted, false);
    assert.strictEqual(outermost.remainingTime, Infinity);
  });

  it('may be aborted in a listener of its abort, and listeners that throw are uncaught exceptions', async () => {
    const lines = await linesOf(`
      const namespace = require('context').createNamespace('one');
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const context = namespace.createContext();
      context.on('end', (outcome) => console.log('end', outcome.error));
      context.run(() => {
        namespace.createContext().run(() => namespace.signal.addEventListener('abort', () => console.log('inner')));
        context.signal.addEventListener('abort', () => { context.abort('again'); throw new Error('listener'); });
        context.signal.addEventListener('abort', ({ target }) => console.log(target.reason));
        context.abort('first');
        console.log('aborted');
      });
    `);
    assert.deepStrictEqual(lines, ['first', 'inner', 'aborted', 'end first', 'uncaught listener']);
  });

  it('makes a failure of the outcome, if it came first', async () => {
    const error = new Error('thrown');
    const outcomes = [];
    const heard = () => create().on('end', (outcome) => outcomes.push(outcome?.error));
    const fail = (context) =>
      assert.throws(
        () =>
          context.run(() => {
            context.abort('why');
            throw error;
          }),
        error,
      );
    fail(heard());
    heard().run(() => namespace.active.abort('why'));
    const contexts = [heard(), heard(), heard(), heard()];
    const [abortFirst, targetFirst, before, alone] = contexts;
    const targets = contexts.map(() => new EventEmitter());
    before.abort('why');
    contexts.forEach((context, at) => context.endWith(targets[at]));
    abortFirst.abort('why');
    alone.abort('why');
    const rejected = Promise.reject(error);
    [abortFirst, targetFirst].forEach((context) => context.endWith(rejected));
    await nextTurn();
    targetFirst.abort('late');
    targets.forEach((target) => target.emit('close'));
    assert.deepStrictEqual(outcomes, ['why', 'why', 'why', error, 'why', 'why']);
  });
});

describe('namespace.signal', () => {
  it('aborts with the active context or one around it, with its reason, and is the same each time', () => {
    for (let aborting = 0; aborting < 4; aborting++) {
      for (const isBefore of [false, true]) {
        const contexts = [create(), create(), create(), create()];
        const signals = [];
        if (isBefore) contexts[aborting].abort(aborting);
        const nest = (depth) => {
          if (depth === contexts.length) return;
          contexts[depth].run(() => {
            nest(depth + 1);
            signals[depth] = namespace.signal;
            assert.strictEqual(namespace.signal, namespace.signal);
            contexts[depth].run(() => assert.strictEqual(namespace.signal, signals[depth]));
            if (depth === 0) assert.strictEqual(namespace.signal, contexts[0].signal);
            if (depth === 0 && !isBefore) contexts[aborting].abort(aborting);
          });
        };
        // None has ended: a context aborts no more afterwards.
        for (const context of contexts) context.endWith(new EventEmitter());
        nest(0);
        const reasons = signals.map(({ aborted: isAborted, reason }) => (isAborted ? reason : undefined));
        assert.deepStrictEqual(
          reasons,
          contexts.map((_, depth) => (depth >= aborting ? aborting : undefined)),
        );
        contexts.forEach((context, depth) => assert.strictEqual(context.signal.aborted, depth === aborting));
      }
    }
  });

  it('is of the nesting: one context in two others has two, and a root, another namespace and the default context end it', () => {
    const [shared, inner] = [create().endWith(new EventEmitter()), create().endWith(new EventEmitter())];
    const outers = [create(), create({ root: true })].map((context) => context.endWith(new EventEmitter()));
    const signals = outers.map((outer) => outer.run(() => shared.run(() => namespace.signal)));
    outers[1].run(() => shared.run(() => assert.strictEqual(namespace.signal, signals[1])));
    const hidden = outers[0].run(() => [
      outermost.run(() => namespace.signal),
      outermost.run(() => inner.run(() => namespace.signal)),
      inDefault(() => inner.run(() => namespace.signal)),
      detach(() => namespace.signal),
      outers[1].run(() => namespace.signal),
      other.run(() => other.signal),
    ]);
    outers[0].abort();
    assert.deepStrictEqual(
      [...signals, ...hidden].map((signal) => signal.aborted),
      [true, false, false, false, false, false, false, false],
    );
    shared.abort();
    assert.strictEqual(signals[1].aborted, true);
  });

  it('outside of contexts never aborts, and collects no listeners', () => {
    assert.strictEqual(namespace.signal.aborted, false);
    namespace.signal.addEventListener('abort', () => {});
    assert.strictEqual(getEventListeners(namespace.signal, 'abort').length, 0);
  });

  it('reaches what was started in an inner context that has ended, as long as the outer one goes on', async () => {
    const outer = create();
    await assert.rejects(
      outer.run(async () => {
        const waiting = namespace.run(() => [delay(1e8, 0, { signal: namespace.signal, ref: false })])[0];
        await nextTurn();
        outer.abort('gone');
        await waiting;
      }),
      { name: 'AbortError', cause: 'gone' },
    );
  });

  it('aborts contexts that are nested 5,000 deep', () => {
    const outer = create().endWith(new EventEmitter());
    const scopes = [outer.enter()];
    for (let depth = 0; depth < 5000; depth++) scopes.push(create().enter());
    const { signal } = namespace;
    for (const scope of scopes.reverse()) scope[Symbol.dispose]();
    outer.abort('deep');
    assert.strictEqual(signal.reason, 'deep');
  });

  const uses = {
    'was read': () => namespace.signal.aborted,
    'was read after the end': () => setImmediate(() => namespace.signal.aborted),
    'had a listener that was removed': () => {
      const { signal } = namespace;
      const listener = () => {};
      signal.addEventListener('abort', listener);
      signal.removeEventListener('abort', listener);
    },
    'aborted by itself': () => {
      namespace.signal.addEventListener('abort', () => {});
      namespace.active.abort();
    },
    'was one of AbortSignal.any': () => AbortSignal.any?.([namespace.signal]),
    'was nested': () => namespace.run(() => namespace.signal.aborted),
  };
  for (const [by, use] of Object.entries(uses)) {
    it(`keeps no inner context whose signal ${by} alive`, async () => {
      const { watch, collected } = watchCollection();
      const outer = create().endWith(new EventEmitter());
      await outer.run(async () => {
        for (let round = 0; round < 4; round++) {
          for (let times = 0; times < 50; times++) {
            namespace.run(() => {
              use();
              watch(namespace.active);
              watch(namespace.signal);
            });
          }
          await nextTurn();
          global.gc();
        }
      });
      // The last ones are held until the next are asked for.
      await collected(300);
      outer.abort();
    });
  }

  it('keeps signals that are observed, by listeners or by AbortSignal.any, when all else is gone', async () => {
    const outer = create().endWith(new EventEmitter());
    const heard = [];
    const observe = [(listener) => namespace.signal.addEventListener('abort', listener)];
    observe.push((listener) => (namespace.signal.onabort = listener));
    observe.push((listener) => namespace.run(() => namespace.signal.addEventListener('abort', listener)));
    if (AbortSignal.any) observe.push((listener) => AbortSignal.any([namespace.signal]).addEventListener('abort', listener));
    outer.run(() => observe.forEach((each, index) => namespace.run(() => each(() => heard.push(index)))));
    for (let round = 0; round < 20; round++) {
      outer.run(() => {
        for (let times = 0; times < 50; times++) namespace.run(() => namespace.signal);
      });
      await nextTurn();
      global.gc();
    }
    outer.abort();
    assert.deepStrictEqual(
      heard.sort(),
      observe.map((_, index) => index),
    );
  });
});

describe('a timeout', () => {
  it('aborts with a TimeoutError, in the context itself, and remainingTime falls to 0', async () => {
    const context = create({ timeout: 300 });
    const there = other.createContext();
    assert.ok(context.remainingTime > 0 && context.remainingTime <= 300);
    const outcome = once(context, 'end');
    await there.run(() =>
      context.run(async () => {
        const keepsAlive = setInterval(() => {}, 1e6);
        const { signal } = namespace;
        const listener = () => {
          assertActive(context);
          assert.strictEqual(other.isActive(), false);
          assert.strictEqual(context.remainingTime, 0);
        };
        signal.addEventListener('abort', mustCall(listener));
        assert.strictEqual((await aborted(signal)).name, 'TimeoutError');
        assert.ok(signal.reason instanceof DOMException);
        clearInterval(keepsAlive);
      }),
    );
    assert.strictEqual((await outcome)[0].error, context.signal.reason);
    assert.strictEqual(context.remainingTime, 0);
  });

  it('of 0 aborts in a later turn, also if nothing was asked for before', async () => {
    const context = create({ timeout: 0 });
    while (!context.signal.aborted) await delay(1);
    const unread = create({ timeout: 0 });
    while (unread.remainingTime > 0) await nextTurn();
    while (!unread.signal.aborted) await delay(1);
    assert.deepStrictEqual([context.signal.reason.name, unread.signal.reason.name], ['TimeoutError', 'TimeoutError']);
  });

  it('is the nearest deadline from the context outwards, in its own namespace', () => {
    const times = (...contexts) => contexts.map(({ remainingTime }) => Math.ceil(remainingTime / 1e6));
    const [long, short, none] = [create({ timeout: 9e6 }), create({ timeout: 2e6 }), create()];
    const far = create({ timeout: 5e6 });
    assert.deepStrictEqual(times(long, short, none), [9, 2, Infinity]);
    long.run(() => short.run(() => none.run(() => assert.deepStrictEqual(times(none, short, long), [2, 2, 9]))));
    far.run(() => none.run(() => assert.deepStrictEqual(times(none, namespace.active, outermost), [5, 5, Infinity])));
    far.run(() => outermost.run(() => none.run(() => assert.deepStrictEqual(times(none), [Infinity]))));
    far.run(() => inDefault(() => none.run(() => assert.deepStrictEqual(times(none), [Infinity]))));
    far.run(() => create({ root: true, timeout: 9e6 }).run(() => assert.deepStrictEqual(times(namespace.active), [9])));
    far.run(() => other.run(() => assert.deepStrictEqual(times(other.active), [Infinity])));
  });

  it('is refused if it is no number of milliseconds that a timer can wait, and nothing was created', () => {
    const { created } = stats().namespaces.cancellation;
    for (const timeout of [-1, NaN, Infinity, 2 ** 31]) {
      assert.throws(() => create({ timeout }), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message: /timeout/ });
    }
    for (const timeout of ['1', null, 1n, {}]) {
      assert.throws(() => create({ timeout }), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
    assert.strictEqual(stats().namespaces.cancellation.created, created);
    for (const timeout of [undefined, 0, 1.5, 2 ** 31 - 1]) create({ timeout }).end();
  });

  it('keeps no process alive, and runs on the clock of the platform', async () => {
    const lines = await linesOf(`
      const namespace = require('context').createNamespace('one');
      const { setTimeout: real } = globalThis;
      globalThis.setTimeout = require('timers').setTimeout = () => { throw new Error('fake'); };
      globalThis.clearTimeout = require('timers').clearTimeout = () => { throw new Error('fake'); };
      performance.now = Date.now = () => 0;
      namespace.createContext({}, { timeout: 1e6 }).enter();
      console.log(namespace.active.remainingTime > 1e5);
      namespace.createContext({}, { timeout: 1e6 }).end();
      const late = namespace.createContext({}, { timeout: 1 });
      const interval = setInterval(() => {
        if (!late.signal.aborted) return;
        console.log(late.signal.reason.name, late.remainingTime);
        clearInterval(interval);
      }, 1);
    `);
    assert.deepStrictEqual(lines, ['true', 'TimeoutError 0']);
  });

  it('works where the platform has no globals, as in a vm context', async () => {
    const lines = await linesOf(`
      for (const name of ['AbortController', 'AbortSignal', 'DOMException', 'performance']) delete globalThis[name];
      const namespace = require('context').createNamespace('one');
      const context = namespace.createContext({}, { timeout: 1 });
      const interval = setInterval(() => {
        if (!context.signal.aborted) return;
        namespace.active.signal.throwIfAborted();
        const other = namespace.createContext();
        other.abort();
        console.log(context.signal.reason.name, other.signal.reason.name);
        clearInterval(interval);
      }, 1);
    `);
    assert.deepStrictEqual(lines, ['TimeoutError AbortError']);
  });

  it('keeps nothing alive of what was active, nor the context after its end', async () => {
    const { watch, collected } = watchCollection();
    const pending = [];
    for (let times = 0; times < 10; times++) {
      const [around, there, ended] = [create(), other.createContext(), create({ timeout: 1e9 })];
      [around, there, ended].forEach(watch);
      there.run(() => around.run(() => pending.push(create({ timeout: 1e9 }))));
      ended.run(() => void namespace.signal);
    }
    await collected(27);
    assert.deepStrictEqual(new Set(pending.map(({ signal }) => signal.aborted)), new Set([false]));
    for (const context of pending) context.end();
  });

  it('that is nested aborts the inner contexts, and not the outer one', async () => {
    const [outer, inner] = [create(), create({ timeout: 1 })];
    await outer.run(async () => {
      const keepsAlive = setInterval(() => {}, 1e6);
      const reason = await inner.run(() => namespace.run(async () => aborted(namespace.signal)));
      assertSame([reason], [inner.signal.reason]);
      assert.strictEqual(namespace.signal.aborted, false);
      clearInterval(keepsAlive);
    });
  });
});
