'use strict';

const assert = require('node:assert');

const { cls, newNamespace } = require('./library');

describe('cls: bind', () => {
  let namespace;
  beforeEach(() => (namespace = newNamespace()));
  afterEach(() => assert.strictEqual(namespace.active, null));
  const active = () => namespace.active;

  it('binds to the context that is active', () => {
    let bound;
    const context = namespace.run(() => (bound = namespace.bind(active)));
    assert.strictEqual(bound(), context);
    assert.strictEqual(namespace.active, null);
    namespace.run((other) => {
      assert.strictEqual(bound(), context);
      assert.strictEqual(namespace.active, other);
    });
  });

  it('binds to the context that is given, another one with each call', () => {
    for (const context of [1, 2, 3].map(() => namespace.createContext())) {
      assert.strictEqual(namespace.bind(active, context)(), context);
      namespace.run(() => assert.strictEqual(namespace.bind(active, context)(), context));
    }
  });

  it('binds to a new context if none is active, the same with each call', () => {
    const bound = namespace.bind(() => namespace.set('calls', (namespace.get('calls') ?? 0) + 1));
    assert.deepStrictEqual([bound(), bound()], [1, 2]);
  });

  it('shows nothing of the caller', () => {
    const bound = namespace.bind(() => [namespace.get('of'), namespace.get('caller')], namespace.createContext());
    namespace.run(() => {
      namespace.set('caller', true);
      assert.deepStrictEqual(bound(), [undefined, undefined]);
    });
  });

  it('passes this, arguments and the result', () => {
    function target(...args) {
      return [this, ...args];
    }
    const object = { bound: namespace.bind(target) };
    assert.deepStrictEqual(object.bound(1, 2), [object, 1, 2]);
    assert.strictEqual(object.bound.length, 0);
  });

  it('nests bound functions, each in its own context', () => {
    const [one, two] = [namespace.createContext(), namespace.createContext()];
    const inner = namespace.bind(active, two);
    const seen = namespace.bind(() => [active(), inner(), active()], one)();
    assert.deepStrictEqual(
      seen.map((context) => [one, two].indexOf(context)),
      [0, 1, 0],
    );
  });

  it('carries the context into what the function starts', async () => {
    const context = namespace.createContext();
    const start = namespace.bind((resolve) => setTimeout(() => process.nextTick(() => resolve(active())), 1), context);
    assert.strictEqual(await new Promise(start), context);
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
    assert.throws(namespace.bind(undefined), TypeError);
  });
});
