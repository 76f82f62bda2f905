'use strict';

const assert = require('node:assert');

const fc = require('fast-check');

const { createNamespace } = require('context');

const namespace = createNamespace('values');
const badKeys = [undefined, null, true, {}, [], () => {}, 1n];

describe('Context values', () => {
  it('are set, got, looked for and deleted', () => {
    const context = namespace.createContext();
    assert.strictEqual(context.set('key', 'value'), 'value');
    assert.strictEqual(context.get('key'), 'value');
    assert.strictEqual(context.has('key'), true);
    assert.strictEqual(context.delete('key'), true);
    assert.strictEqual(context.delete('key'), false);
    assert.strictEqual(context.has('key'), false);
    assert.strictEqual(context.get('key'), undefined);
  });

  it('are present when set to undefined', () => {
    const context = namespace.createContext();
    context.set('key', undefined);
    assert.strictEqual(context.has('key'), true);
    assert.strictEqual(context.has('other'), false);
  });

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

  for (const key of badKeys) {
    it(`refuse ${typeof key} ${String(key)} as a key`, () => {
      const context = namespace.createContext();
      for (const use of [
        () => context.set(key, 1),
        () => context.get(key),
        () => context.has(key),
        () => context.delete(key),
        () => namespace.get(key),
        () => context.run(() => namespace.set(key, 1)),
      ]) {
        assert.throws(use, {
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_TYPE',
          message: /^key must be a string, a symbol or a number/,
        });
      }
      assert.deepStrictEqual(Reflect.ownKeys(context.bag), []);
    });
  }

  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '']) {
    it(`have ${JSON.stringify(key)} as a key like any other`, () => {
      const context = namespace.createContext();
      assert.strictEqual(context.get(key), undefined);
      assert.strictEqual(context.has(key), false);
      assert.strictEqual(namespace.get(key), undefined);
      const value = { polluted: true };
      context.set(key, value);
      assert.strictEqual(context.get(key), value);
      assert.strictEqual(context.bag[key], value);
      assert.strictEqual(context.bag.polluted, undefined);
      assert.strictEqual({}.polluted, undefined);
      context.run(() => assert.strictEqual(namespace.get(key), value));
      assert.strictEqual(context.delete(key), true);
      assert.strictEqual(context.get(key), undefined);
    });
  }

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
          if (action === 'set') model.set(String(k), context.set(k, value));
          else if (action === 'delete') assert.strictEqual(context.delete(k), model.delete(String(k)));
          else assert.strictEqual(Reflect.ownKeys(context.bag).length, model.size);
          assert.strictEqual(context.has(k), model.has(String(k)));
          assert.strictEqual(context.get(k), model.get(String(k)));
        }
      }),
    );
  });
});

describe('Namespace values', () => {
  it('are set on the active context', () => {
    const context = namespace.createContext();
    context.run(() => assert.strictEqual(namespace.set('key', 1), 1));
    assert.strictEqual(context.get('key'), 1);
  });

  it('are set on the default context if no other is active', () => {
    const own = createNamespace('values.default');
    own.set('key', 1);
    assert.strictEqual(own.active.get('key'), 1);
    own.run(() => assert.strictEqual(own.get('key'), 1));
  });

  it('are looked up from the innermost context outwards, the default context last', () => {
    const own = createNamespace('values.lookup');
    own.set('default', 'default');
    own.set('outer', 'default');
    own.set('inner', 'default');
    own.run(() => {
      own.set('outer', 'outer');
      own.set('inner', 'outer');
      const middle = own.createContext();
      middle.run(() => {
        own.run(() => {
          own.set('inner', 'inner');
          assert.deepStrictEqual(
            ['default', 'outer', 'inner', 'none'].map((key) => own.get(key)),
            ['default', 'outer', 'inner', undefined],
          );
          assert.strictEqual(own.active.get('outer'), undefined, 'a context has only its own values');
        });
        assert.strictEqual(own.get('inner'), 'outer');
      });
    });
    assert.strictEqual(own.get('inner'), 'default');
  });

  it('are hidden by an inner undefined that was set, and not by one that was not', () => {
    const own = createNamespace('values.undefined');
    own.set('key', 'default');
    own.run(() => {
      assert.strictEqual(own.get('key'), 'default');
      own.set('key', undefined);
      assert.strictEqual(own.get('key'), undefined);
      own.run(() => assert.strictEqual(own.get('key'), undefined));
      own.active.delete('key');
      assert.strictEqual(own.get('key'), 'default');
    });
  });

  const setters = {
    'a first value': (own) => own.createContext({ other: 1, key: undefined }),
    'a value of a bag': (own) => {
      const context = own.createContext();
      context.bag.key = undefined;
      return context;
    },
    'a value of a bag that was asked for before': (own) => {
      const context = own.createContext();
      const { bag } = context;
      context.set('key', 1);
      Object.assign(bag, { key: undefined });
      return context;
    },
    'a property of a bag that has no value': (own) => {
      const context = own.createContext();
      Object.defineProperty(context.bag, 'key', { get: () => undefined, configurable: true, enumerable: true });
      return context;
    },
  };
  for (const [name, contextIn] of Object.entries(setters)) {
    it(`are hidden by an inner undefined: ${name}`, () => {
      const own = createNamespace(`values.undefined ${name}`);
      own.set('key', 'default');
      own.run(() => {
        own.set('key', 'outer');
        const context = contextIn(own);
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

  it('are those of one namespace alone', () => {
    const other = createNamespace('values.other');
    namespace.run(() => {
      namespace.set('key', 1);
      other.run(() => {
        assert.strictEqual(other.get('key'), undefined);
        other.set('key', 2);
        assert.strictEqual(namespace.get('key'), 1);
      });
    });
  });
});
