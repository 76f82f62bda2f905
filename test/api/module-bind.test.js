'use strict';

const assert = require('node:assert');

const { bind, createNamespace, snapshot } = require('context');

const { runNode } = require('../support/child');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const [one, two, three] = ['one', 'two', 'three'].map((name) => createNamespace(`module-bind.${name}`));
const outside = [one.active, two.active, three.active];

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
    it('has what was active in all namespaces active, and after it what its caller had', () => {
      const [a, b, stranger, there] = [one.createContext(), two.createContext(), two.createContext(), three.createContext()];
      const bound = a.run(() => b.run(() => bindAll(mustCall(() => [a, b, outside[2]].forEach(assertActive), 2))));
      bound();
      stranger.run(
        mustCall(() => {
          there.enter();
          bound();
          assertActive(outside[0]);
          assertActive(stranger);
          assertActive(there);
          there.exit();
        }),
      );
    });

    it('carries that on into what the function starts', async () => {
      const [a, b] = [one.createContext(), two.createContext()];
      const bound = a.run(() =>
        b.run(() =>
          bindAll(async () => {
            await null;
            return [one.active, two.active];
          }),
        ),
      );
      assert.deepStrictEqual(
        (await two.run(bound)).map((active, index) => active === [a, b][index]),
        [true, true],
      );
    });

    it('hides what its caller has, if nothing was active', () => {
      const bound = bindAll(() => [one.active, two.active]);
      assert.deepStrictEqual(
        one.run(() => two.run(bound)).map((active, index) => active === outside[index]),
        [true, true],
      );
    });

    it('is a scope of all namespaces, also on a throw', () => {
      const [a, b] = [one.createContext(), two.createContext()];
      const bound = a.run(() =>
        bindAll(() => {
          one.createContext().enter();
          two.createContext().enter();
          throw new Error('thrown');
        }),
      );
      b.run(
        mustCall(() => {
          assert.throws(bound, /thrown/);
          assertActive(outside[0]);
          assertActive(b);
        }),
      );
    });

    it('emits no end, and passes arguments, the result and promises as they are', () => {
      const context = one.createContext();
      context.on('end', () => assert.fail('ended'));
      const other = one.createContext();
      const promise = Promise.resolve();
      other.run(() => {
        context.enter();
        const bound = bindAll((...args) => [args, promise]);
        assert.deepStrictEqual(bound(1, 2), [[1, 2], promise]);
        assert.strictEqual(bindAll(() => promise)(), promise);
        context.exit();
      });
    });

    it('tells fromException what was active', () => {
      const [a, b] = [one.createContext(), two.createContext()];
      const error = new Error('thrown');
      const bound = a.run(() =>
        b.run(() =>
          bindAll(() => {
            throw error;
          }),
        ),
      );
      assert.throws(bound, error);
      assert.strictEqual(one.fromException(error), a);
      assert.strictEqual(two.fromException(error), b);
    });

    for (const callback of [undefined, null, 1, 'text', {}]) {
      it(`refuses ${String(callback)}`, () => {
        const expected = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /^callback must be a function/ };
        assert.throws(() => bindAll(callback)(), expected);
      });
    }
  });
}

describe('bind of the module', () => {
  it('keeps this of its caller, name and length', () => {
    const bound = bind(function add(a, b) {
      return [this, a, b];
    });
    const object = { bound };
    assert.strictEqual(object.bound()[0], object);
    assert.deepStrictEqual([bound.name, bound.length], ['add', 2]);
  });

  it('is right in each callback of a pool that calls in order of its own, in all namespaces', async () => {
    // As a client does that has one socket: all answers come in the callback of whoever happened to open it.
    const queue = [];
    let pump;
    const query = (callback) => {
      queue.push(callback);
      pump ??= setImmediate(() => {
        for (const each of queue.splice(0)) each();
        pump = undefined;
      });
    };
    const right = await Promise.all(
      Array.from({ length: 100 }, (_, id) =>
        one.run(() =>
          two.run(() => {
            one.set('id', id);
            two.set('id', id);
            return new Promise((resolve) => {
              query(bind(() => resolve(one.get('id') === id && two.get('id') === id)));
            });
          }),
        ),
      ),
    );
    assert.deepStrictEqual(right, new Array(100).fill(true));
  });

  it('keeps what OpenTelemetry and domains have active', async () => {
    const { code, stdout, stderr } = await runNode(`
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
    assert.deepStrictEqual([code, stdout], [0, 'true true true true\n'], stderr);
  });
});
