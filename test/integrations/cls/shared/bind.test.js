'use strict';

const assert = require('node:assert');

const { cls, newNamespace } = require('./library');

describe('cls: bind', () => {
  let namespace;
  beforeEach(() => {
    namespace = newNamespace();
  });
  const active = () => namespace.active;

  it('binds to the context that is active', () => {
    let bound;
    const context = namespace.run(() => {
      bound = namespace.bind(active);
    });
    assert.strictEqual(bound(), context);
    assert.strictEqual(namespace.active, null);
    namespace.run((other) => {
      assert.strictEqual(bound(), context);
      assert.strictEqual(namespace.active, other);
    });
  });

  it('binds to the context that is given', () => {
    const context = namespace.createContext();
    assert.strictEqual(namespace.bind(active, context)(), context);
    namespace.run(() => assert.strictEqual(namespace.bind(active, context)(), context));
  });

  it('binds to a new context if none is active, the same with each call', () => {
    const bound = namespace.bind(() => namespace.set('calls', (namespace.get('calls') ?? 0) + 1));
    assert.deepStrictEqual([bound(), bound()], [1, 2]);
    assert.strictEqual(namespace.active, null);
  });

  it('shows nothing of the caller', () => {
    const bound = namespace.bind(() => [namespace.get('of'), namespace.get('caller')], namespace.createContext());
    namespace.run(() => {
      namespace.set('caller', true);
      assert.deepStrictEqual(bound(), [undefined, undefined]);
    });
  });

  it('passes this, arguments and the result', () => {
    const object = {
      bound: namespace.bind(function (...args) {
        return [this, ...args];
      }),
    };
    assert.deepStrictEqual(object.bound(1, 2), [object, 1, 2]);
    assert.strictEqual(object.bound.length, 0);
  });

  it('can be given another context with each call', () => {
    const seen = [1, 2, 3].map(() => namespace.bind(active, namespace.createContext())());
    assert.strictEqual(new Set(seen).size, 3);
  });

  it('nests bound functions, each in its own context', () => {
    const [one, two] = [namespace.createContext(), namespace.createContext()];
    const inner = namespace.bind(active, two);
    const outer = namespace.bind(() => [namespace.active, inner(), namespace.active], one);
    const [before, inside, after] = outer();
    assert.strictEqual(before, one);
    assert.strictEqual(inside, two);
    assert.strictEqual(after, one);
  });

  it('carries the context into what the function starts', async () => {
    const context = namespace.createContext();
    await new Promise((resolve) => {
      const check = () => resolve(assert.strictEqual(namespace.active, context));
      namespace.bind(() => setTimeout(() => process.nextTick(check), 1), context)();
    });
  });

  it('leaves the context when the function throws, and writes it on the error', () => {
    const context = namespace.createContext();
    const error = new Error('thrown');
    const bound = namespace.bind(() => {
      throw error;
    }, context);
    assert.throws(bound, error);
    assert.strictEqual(namespace.active, null);
    assert.strictEqual(error[cls.ERROR_SYMBOL], context);
  });

  it('complains of what is not a function when that is called', () => {
    const bound = namespace.bind(undefined);
    assert.throws(bound, TypeError);
    assert.strictEqual(namespace.active, null);
  });

  it('calls several callbacks of one operation in the contexts of those who asked', () => {
    const waiting = [];
    for (const user of ['ada', 'bob']) {
      namespace.run(() => {
        namespace.set('user', user);
        waiting.push(namespace.bind(() => namespace.get('user')));
      });
    }
    assert.deepStrictEqual(
      waiting.map((callback) => callback()),
      ['ada', 'bob'],
    );
  });
});
