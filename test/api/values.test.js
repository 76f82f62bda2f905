'use strict';

const assert = require('node:assert');

const fc = require('fast-check');

const { createNamespace } = require('context');

const { assertSame } = require('../support/contexts');

const namespace = createNamespace('values');

describe('Context values', () => {
  it('have strings and symbols as keys, and numbers as strings', () => {
    const context = namespace.createContext();
    const symbol = Symbol('key');
    context.set(symbol, 1);
    context.set(1, 2);
    context.set(NaN, 3);
    context.set(-0, 4);
    assert.strictEqual(context.get(symbol), 1);
    assert.strictEqual(context.get('1'), 2);
    assert.strictEqual(context.get('NaN'), 3);
    assert.strictEqual(context.get('0'), 4);
    assert.deepStrictEqual(Reflect.ownKeys(context.bag), ['0', '1', 'NaN', symbol]);
  });

  it('have keys like any other in those that objects have', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '']) {
      const context = namespace.createContext();
      assert.deepStrictEqual([context.get(key), context.has(key), namespace.get(key)], [undefined, false, undefined]);
      const value = { polluted: true };
      context.set(key, value);
      assertSame([context.get(key), context.bag[key], context.run(() => namespace.get(key))], [value, value, value]);
      assert.deepStrictEqual([context.bag.polluted, {}.polluted], [undefined, undefined]);
      assert.strictEqual(context.delete(key), true);
      assert.strictEqual(context.get(key), undefined);
    }
  });

  it('are the bag, an object without a prototype', () => {
    const context = namespace.createContext();
    context.set('before', 1);
    const { bag } = context;
    assert.strictEqual(Object.getPrototypeOf(bag), null);
    assert.strictEqual(context.bag, bag);
    assert.deepStrictEqual(Object.entries(bag), [['before', 1]]);
    context.set('after', 2);
    assert.strictEqual(bag.after, 2);
    bag.written = 3;
    assert.strictEqual(context.get('written'), 3);
    delete bag.before;
    assert.strictEqual(context.has('before'), false);
  });

  it('agree with a Map, whatever is done to them', () => {
    const key = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor', '0', '1'), fc.string(), fc.integer());
    const step = fc.tuple(fc.constantFrom('set', 'delete', 'bag'), key, fc.anything());
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const context = namespace.createContext();
        const model = new Map();
        for (const [action, k, value] of steps) {
          if (action === 'set') {
            assert.strictEqual(context.set(k, value), value);
            model.set(String(k), value);
          } else if (action === 'delete') assert.strictEqual(context.delete(k), model.delete(String(k)));
          else assert.strictEqual(Reflect.ownKeys(context.bag).length, model.size);
          assert.strictEqual(context.has(k), model.has(String(k)));
          assert.strictEqual(context.get(k), model.get(String(k)));
        }
      }),
    );
  });
});

describe('Namespace values', () => {
  let own,
    count = 0;
  beforeEach(() => (own = createNamespace(`values.${count++}`)));

  it('are set on the active context, of this namespace alone, and on the default one if no other is active', () => {
    const context = own.createContext();
    context.run(() => {
      assert.strictEqual(own.set('key', 1), 1);
      namespace.run(() => {
        assert.strictEqual(namespace.get('key'), undefined);
        namespace.set('key', 2);
        assert.strictEqual(own.get('key'), 1);
      });
    });
    assert.strictEqual(context.get('key'), 1);
    own.set('key', 3);
    assert.strictEqual(own.active.get('key'), 3);
    own.run(() => assert.strictEqual(own.get('key'), 3));
  });

  it('are looked up from the innermost context outwards, the default context last', () => {
    const values = (...keys) => Object.fromEntries(keys.map((key) => [key, keys[0]]));
    const look = () => ['default', 'outer', 'inner', 'none'].map((key) => own.get(key));
    for (const key of ['default', 'outer', 'inner']) own.set(key, 'default');
    own.createContext(values('outer', 'inner')).run(() => {
      own.run(() => {
        own.createContext(values('inner')).run(() => {
          assert.deepStrictEqual(look(), ['default', 'outer', 'inner', undefined]);
          assert.strictEqual(own.active.get('outer'), undefined, 'a context has only its own values');
        });
      });
      assert.strictEqual(own.get('inner'), 'outer');
    });
    assert.strictEqual(own.get('inner'), 'default');
  });

  const setters = {
    'a value that is set': (context) => context.set('key', undefined),
    'a value of a bag': (context) => (context.bag.key = undefined),
    'a value of a bag that was asked for before': (context) => {
      const { bag } = context;
      context.set('key', 1);
      Object.assign(bag, { key: undefined });
    },
    'a property of a bag that has no value': ({ bag }) =>
      Object.defineProperty(bag, 'key', { get: () => undefined, configurable: true, enumerable: true }),
  };
  for (const [name, set] of Object.entries({ 'a first value': undefined, ...setters })) {
    it(`are hidden by an inner undefined, and not by none: ${name}`, () => {
      own.set('key', 'default');
      own.run(() => {
        assert.strictEqual(own.get('key'), 'default');
        own.set('key', 'outer');
        const context = own.createContext(set === undefined ? { other: 1, key: undefined } : {});
        set?.(context);
        context.run(() => {
          assert.strictEqual(own.get('key'), undefined);
          assert.ok('key' in own.toObject());
          own.run(() => assert.strictEqual(own.get('key'), undefined));
        });
        assert.ok(context.delete('key'));
        context.run(() => assert.strictEqual(own.get('key'), 'outer'));
      });
    });
  }
});
