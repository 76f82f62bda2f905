'use strict';

const assert = require('node:assert');

const { bind, createNamespace, snapshot } = require('context');

const { linesOf } = require('../support/child');
const { assertSame } = require('../support/contexts');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const [one, two, three] = ['one', 'two', 'three'].map((name) => createNamespace(`module-bind.${name}`));
const outside = [one.active, two.active, three.active];
const activeNow = () => [one.active, two.active, three.active];

/** The two ways to bind a function to what is active in all namespaces. */
const ways = {
  bind: (callback) => bind(callback),
  snapshot: (callback) => {
    const run = snapshot();
    return (...args) => run(callback, ...args);
  },
};

for (const [way, bindAll] of Object.entries(ways)) {
  describe(`${way} of the module`, () => {
    let a, b, stranger, there;
    beforeEach(() => {
      [a, b, stranger] = [one.createContext(), two.createContext(), two.createContext()];
      there = three.createContext();
    });

    it('makes active what was active in all namespaces, also in what is started there, and then what its caller had', async () => {
      const bound = a.run(() =>
        b.run(() => bindAll(async () => [...activeNow(), ...(await Promise.resolve().then(activeNow))])),
      );
      const nothing = bindAll(activeNow);
      const expected = [a, b, outside[2], a, b, outside[2]];
      assertSame(await bound(), expected);
      await stranger.run(
        mustCall(async () => {
          there.enter();
          const results = [bound(), nothing()];
          assertSame(activeNow(), [outside[0], stranger, there]);
          assertActive(stranger);
          there.exit();
          assertSame(await results[0], expected);
          assertSame(results[1], outside);
        }),
      );
    });

    it('is a scope of all namespaces, also on a throw, and fromException returns what was active', () => {
      const error = new Error('thrown');
      const callback = () => {
        one.createContext().enter();
        three.createContext().enter();
        throw error;
      };
      const bound = a.run(() => b.run(() => bindAll(callback)));
      stranger.run(
        mustCall(() => {
          assert.throws(bound, error);
          assertSame(activeNow(), [outside[0], stranger, outside[2]]);
        }),
      );
      assert.notStrictEqual(one.fromException(error), a, 'it was entered on top');
      assert.strictEqual(two.fromException(error), b);
    });

    it('emits no end, and passes arguments, the result and promises as they are', () => {
      a.on('end', () => assert.fail('ended'));
      const promise = Promise.resolve();
      one.run(() => {
        a.enter();
        assert.deepStrictEqual(bindAll((...args) => args)(1, 2), [1, 2]);
        assert.strictEqual(bindAll(() => promise)(), promise);
        a.exit();
      });
    });
  });
}

describe('bind of the module', () => {
  it("keeps its caller's `this`, name and length", () => {
    const bound = bind(function add(a, b) {
      return [this, a, b];
    });
    const object = { bound };
    assert.strictEqual(object.bound()[0], object);
    assert.deepStrictEqual([bound.name, bound.length], ['add', 2]);
  });

  it('is right in each callback of a pool that calls in an order of its own, in all namespaces', async () => {
    // Like a client that has one socket: all answers come in a callback of the request that opened it.
    const queue = [];
    const query = (callback) => {
      if (queue.push(callback) > 1) return;
      setImmediate(() => {
        for (const each of queue.splice(0)) each();
      });
    };
    const isRight = (id) => one.get('id') === id && two.get('id') === id;
    const ask = (id) => new Promise((resolve) => query(bind(() => resolve(isRight(id)))));
    const serve = (id) => one.createContext({ id }).run(() => two.createContext({ id }).run(ask, id));
    const right = await Promise.all(Array.from({ length: 100 }, (_, id) => serve(id)));
    assert.deepStrictEqual(right, new Array(100).fill(true));
  });

  it('keeps what OpenTelemetry and domains have active', async () => {
    const lines = await linesOf(`
      const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
      const { bind } = require('context');
      const domain = require('context/domain');
      const { ContextManager } = require('context/opentelemetry');
      const manager = new ContextManager();
      const one = ROOT_CONTEXT.setValue(createContextKey('name'), 'one');
      const d = domain.create();
      const bound = manager.with(one, () => d.run(() => bind(() => [manager.active() === one, domain.active === d])));
      console.log(...bound(), manager.active() === ROOT_CONTEXT, domain.active === undefined);
    `);
    assert.deepStrictEqual(lines, ['true true true true']);
  });
});
