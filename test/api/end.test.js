'use strict';

const assert = require('node:assert');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const vm = require('node:vm');

const { createNamespace } = require('context');

const { linesOf } = require('../support/child');
const contexts = require('../support/contexts');
const { assertActive } = require('../support/core-view');

const { assertSame, thrower } = contexts;
const namespace = createNamespace('end');
const create = () => namespace.createContext();
const counted = () => contexts.counted(namespace);
const outermost = namespace.active;

/** A promise with its resolve and reject. */
function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

describe('the event end', () => {
  it('is emitted right after a synchronous callback, by run and by each call of a bound function, in what is around', () => {
    const outer = create();
    const { context, ends } = counted();
    outer.run(() => {
      context.run(() => assert.strictEqual(ends.length, 0));
      assertSame(ends, [outer]);
      const bound = context.bind(() => {});
      assert.strictEqual(ends.length, 1);
      bound();
      bound();
      assert.throws(() => context.run(thrower()), /thrown/);
    });
    assertSame(ends, [outer, outer, outer, outer]);
  });

  it('is emitted by end(), not by enter and exit, and can be awaited', async () => {
    const { context, ends } = counted();
    context.enter();
    context.exit();
    assert.strictEqual(ends.length, 0);
    const ended = once(context, 'end');
    assert.strictEqual(context.end(), undefined);
    assert.strictEqual(ends.length, 1);
    assert.deepStrictEqual(await ended, [undefined]);
  });

  it('is emitted once a native promise has settled, in what is around the call, and the caller gets the outcome', async () => {
    class Extended extends Promise {}
    const error = new Error('rejected');
    for (const settle of [({ resolve }) => resolve('value'), ({ reject }) => reject(error)]) {
      for (const derive of [
        (one) => one,
        (one) => Extended.resolve(one),
        (one) => vm.runInNewContext('async (one) => one')(one),
      ]) {
        const outer = create();
        const { context, ends } = counted();
        const parts = deferred();
        const result = outer.run(() => {
          const returned = context.run(() => derive(parts.promise));
          assertActive(outer);
          return returned;
        });
        await nextTurn();
        assert.strictEqual(ends.length, 0);
        settle(parts);
        const outcome = await result.catch((caught) => caught);
        assert.ok(outcome === 'value' || outcome === error);
        assertSame(ends, [outer]);
      }
    }
  });

  it('never touches a thenable: calling its then might start a query', () => {
    const fail = () => assert.fail('the query was started');
    class Lazy extends Promise {
      then() {
        fail();
      }
    }
    const own = (description) => Object.defineProperty(new Promise(() => {}), 'then', description);
    for (const value of [{ then: fail }, new Lazy(() => {}), own({ value: fail }), own({ get: fail })]) {
      const { context, ends } = counted();
      const results = [context.run(() => value), context.bind(() => value)(), context.run(() => context.run(() => value))];
      assertSame(results, [value, value, value]);
      assert.strictEqual(ends.length, 3);
    }
  });

  it('is emitted once by nested entries of one context, with the outermost, also if that is asynchronous', async () => {
    const { context, ends } = counted();
    const bound = context.bind(() => {});
    const nest = () => {
      context.run(() => context.run(() => {}));
      context.bind(() => {})();
      namespace.run(() => context.run(() => context.run(() => {})));
    };
    context.run(() => {
      nest();
      bound();
      assert.strictEqual(ends.length, 0);
    });
    assert.strictEqual(ends.length, 1);
    await context.run(async () => {
      nest();
      await null;
      nest();
      await context.run(async () => nextTurn().then(nest));
      assert.strictEqual(ends.length, 1);
    });
    assert.strictEqual(ends.length, 2);
  });

  it('is emitted by each of several entries that go on at a time', async () => {
    const { context, ends } = counted();
    const gates = [deferred(), deferred(), deferred()];
    const results = gates.map(({ promise }) => context.run(() => promise));
    for (const [i, { resolve }] of gates.entries()) {
      resolve();
      await results[i];
      assert.strictEqual(ends.length, i + 1);
    }
    context.run(() => {});
    assert.strictEqual(ends.length, 4);
  });

  it('waits for the entry that a function was bound in, whatever calls the bound function', async () => {
    const { context, ends } = counted();
    const gate = deferred();
    let bound;
    const result = context.run(() => {
      bound = context.bind(() => {});
      return gate.promise;
    });
    namespace.run(bound);
    assert.strictEqual(ends.length, 0);
    gate.resolve();
    await result;
    assert.strictEqual(ends.length, 1);
    bound();
    assert.strictEqual(ends.length, 2);
  });

  it('is emitted by an entry in a callback that outlived the one it was started in', async () => {
    const { context, ends } = counted();
    let later;
    context.run(() => {
      later = nextTurn().then(() => context.run(() => context.run(() => {})));
    });
    await later;
    assert.strictEqual(ends.length, 2);
  });

  it('loses no error of a callback, a listener or an emit, and changes no outcome', async () => {
    const lines = await linesOf(`
      const { setImmediate: nextTurn } = require('timers/promises');
      const { thrower } = require('./test/support/contexts');
      const events = [];
      process.on('uncaughtException', (error, origin) => events.push(error.message + ' ' + origin));
      process.on('unhandledRejection', (error) => events.push(error.message + ' unhandled'));
      const create = () => require('context').createNamespace('end' + Math.random()).createContext();
      const failing = () => create().on('end', thrower('listener'));
      const odd = () => Object.defineProperty(create(), 'emit', { get: thrower('emit') });
      const fail = thrower('callback');
      const calls = {
        'returns, and the listener throws': () => failing().run(() => 'value'),
        'is bound, and the listener throws': () => failing().bind(() => 'value')(),
        'is a root in a context, and the listener throws': () => {
          const namespace = require('context').createNamespace('roots');
          const root = namespace.createContext({}, { root: true }).on('end', thrower('listener'));
          return namespace.run(() => root.run(() => 'value'));
        },
        'ends, and the listener throws': () => failing().end(),
        'ends after endWith, and the listener throws': () => failing().endWith(new AbortController().signal).end(),
        'throws, and so does the listener': () => failing().run(fail),
        'rejects, and the listener throws': () => failing().run(async () => fail()),
        'fulfils, and the listener throws': () => failing().run(async () => 'value'),
        'fulfils, and emit cannot be read': () => odd().run(async () => 'value'),
      };
      (async () => {
        for (const [name, call] of Object.entries(calls)) {
          const outcome = await (async () => call())().catch((error) => 'caught ' + error.message);
          await nextTurn();
          console.log(name + ': ' + [outcome, ...events.splice(0)].join(', '));
        }
      })();
    `);
    assert.deepStrictEqual(lines, [
      'returns, and the listener throws: value, listener uncaughtException',
      'is bound, and the listener throws: value, listener uncaughtException',
      'is a root in a context, and the listener throws: value, listener uncaughtException',
      'ends, and the listener throws: , listener uncaughtException',
      'ends after endWith, and the listener throws: , listener uncaughtException',
      'throws, and so does the listener: caught callback, listener uncaughtException',
      'rejects, and the listener throws: caught callback, listener uncaughtException',
      'fulfils, and the listener throws: value, listener uncaughtException',
      'fulfils, and emit cannot be read: value, emit uncaughtException',
    ]);
  });

  it('comes in what is around an asynchronous call also to an emit of its own, and to a subscriber of the channel', async () => {
    const [outer, own, heard] = [create(), create(), create()];
    const seen = [];
    own.emit = (type) => seen.push(type, namespace.active);
    const subscriber = ({ context }) => context === heard && seen.push('channel', namespace.active);
    subscribe('context.end', subscriber);
    for (const context of [own, heard]) await outer.run(() => context.run(async () => null));
    unsubscribe('context.end', subscriber);
    assertSame(seen, ['end', outer, 'channel', outer]);
  });
});

describe('a context that a listener of end enters', () => {
  it('is left with a synchronous run, since the listener is inside of that', () => {
    const [outer, context, entered] = [create(), create(), create()];
    let calls = 0;
    context.on('end', () => {
      entered.enter();
      assertActive(entered);
      calls++;
    });
    outer.run(() => {
      for (const call of [() => context.run(() => {}), context.bind(() => {})]) {
        call();
        assertActive(outer);
      }
      assert.throws(() => context.run(thrower()), /thrown/);
      assertActive(outer);
    });
    assert.strictEqual(calls, 3);
  });

  it('is seen by the listener alone after an asynchronous run', async () => {
    const [outer, context, entered] = [create(), create(), create()];
    const activeLater = () => nextTurn().then(() => namespace.active);
    let started;
    context.on('end', () => {
      entered.enter();
      assertActive(entered);
      started = activeLater();
    });
    context.on('end', () => assertActive(entered));
    await outer.run(async () => {
      const gate = deferred();
      const others = [activeLater(), Promise.resolve().then(() => namespace.active)];
      const result = context.run(() => gate.promise);
      result.then(() => assertActive(outer));
      gate.resolve();
      await result;
      assertActive(outer);
      assertSame(await Promise.all(others), [outer, outer]);
      assertActive(outer);
    });
    assertSame([await started, namespace.active], [entered, outermost]);
  });
});
