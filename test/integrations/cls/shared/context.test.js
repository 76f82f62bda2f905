'use strict';

const assert = require('node:assert');

const { newNamespace } = require('./library');

describe('cls: contexts', () => {
  let namespace;
  beforeEach(() => {
    namespace = newNamespace();
  });

  it('are plain objects, the one around being the prototype', () => {
    const outer = namespace.createContext();
    assert.strictEqual(Object.getPrototypeOf(outer), Object.prototype);
    assert.deepStrictEqual(Object.keys(outer), ['_ns_name', 'id']);
    assert.strictEqual(outer._ns_name, namespace.name);
    assert.strictEqual(typeof outer.id, 'number');
    assert.strictEqual(namespace.active, null);
    namespace.enter(outer);
    assert.strictEqual(Object.getPrototypeOf(namespace.createContext()), outer);
    namespace.exit(outer);
  });

  it('hold what is set: under any key, for whoever has them', () => {
    const symbol = Symbol('key');
    namespace.run((context) => {
      assert.strictEqual(namespace.set('text', 'value'), 'value');
      namespace.set(symbol, 1);
      namespace.set(7, 'seven');
      namespace.set('nothing', undefined);
      assert.deepStrictEqual([context.text, context[symbol], context[7]], ['value', 1, 'seven']);
      assert.ok(Object.hasOwn(context, 'nothing'));
      context.own = true;
      assert.strictEqual(namespace.get('own'), true);
      assert.strictEqual(namespace.get('7'), 'seven');
      assert.strictEqual(namespace.get('missing'), undefined);
      assert.strictEqual(namespace.get('_ns_name'), namespace.name);
    });
  });

  it('show what the ones around have, and hide it when they set it themselves', () => {
    namespace.run((outer) => {
      namespace.set('a', 1);
      namespace.set('b', 1);
      namespace.run((inner) => {
        namespace.set('b', 2);
        assert.deepStrictEqual([namespace.get('a'), namespace.get('b'), inner.a, outer.b], [1, 2, 1, 1]);
        namespace.set('a', undefined);
        assert.strictEqual(namespace.get('a'), undefined);
        outer.later = true;
        assert.strictEqual(namespace.get('later'), true);
      });
      assert.deepStrictEqual([namespace.get('a'), namespace.get('b')], [1, 1]);
    });
  });

  it('are needed to set a value, not to get one', () => {
    const expected = { message: 'No context available. ns.run() or ns.bind() must be called first.' };
    assert.throws(() => namespace.set('key', 1), expected);
    assert.strictEqual(namespace.get('key'), undefined);
  });

  it('are entered and exited by hand', () => {
    const [one, two] = [namespace.createContext(), namespace.createContext()];
    namespace.enter(one);
    namespace.set('key', 1);
    namespace.enter(two);
    assert.strictEqual(namespace.active, two);
    assert.strictEqual(namespace.get('key'), undefined);
    assert.strictEqual(namespace._set.length, 2);
    namespace.exit(two);
    assert.strictEqual(namespace.active, one);
    namespace.exit(one);
    assert.strictEqual(namespace.active, null);
    assert.strictEqual(namespace._set.length, 0);
  });

  it('are exited as often as they were entered', () => {
    const context = namespace.createContext();
    namespace.enter(context);
    namespace.enter(context);
    namespace.exit(context);
    assert.strictEqual(namespace.active, context);
    namespace.exit(context);
    assert.strictEqual(namespace.active, null);
  });

  it('are exited in any order', () => {
    const [one, two, three] = [1, 2, 3].map(() => namespace.createContext());
    for (const context of [one, two, three]) namespace.enter(context);
    namespace.exit(two);
    assert.strictEqual(namespace.active, three);
    namespace.exit(one);
    assert.strictEqual(namespace.active, three);
    namespace.exit(three);
    assert.strictEqual(namespace.active, null);
  });

  it('are exited inside of run', () => {
    const context = namespace.createContext();
    namespace.enter(context);
    namespace.run((inner) => {
      assert.deepStrictEqual(namespace._set, [null, context]);
      namespace.exit(context);
      assert.strictEqual(namespace.active, inner);
    });
    assert.strictEqual(namespace.active, null);
  });

  it('stay active behind the run in which they were entered', () => {
    const context = namespace.createContext();
    namespace.run(() => namespace.enter(context));
    assert.strictEqual(namespace.active, context);
    namespace.exit(context);
    assert.strictEqual(namespace.active, null);
  });

  it('are not exited if they were not entered', () => {
    const context = namespace.createContext();
    assert.throws(() => namespace.exit(context), { code: 'ERR_ASSERTION' });
    namespace.run((active) => {
      assert.throws(() => namespace.exit(context), { code: 'ERR_ASSERTION' });
      assert.strictEqual(namespace.active, active);
    });
  });

  it('must be given to enter and exit', () => {
    assert.throws(() => namespace.enter(), { code: 'ERR_ASSERTION' });
    assert.throws(() => namespace.enter(null), { code: 'ERR_ASSERTION' });
    assert.throws(() => namespace.exit(), { code: 'ERR_ASSERTION' });
  });

  it('may be objects of any kind', () => {
    const context = { key: 'own' };
    namespace.enter(context);
    assert.strictEqual(namespace.get('key'), 'own');
    namespace.exit(context);
  });

  it('are put in the place of the active one by assignment', () => {
    namespace.run((outer) => {
      const other = namespace.createContext();
      namespace.active = other;
      assert.strictEqual(namespace.active, other);
      namespace.active = null;
      assert.strictEqual(namespace.get('key'), undefined);
      namespace.active = outer;
      assert.strictEqual(namespace.active, outer);
    });
    assert.strictEqual(namespace.active, null);
  });

  it('are active again around one that was put away for a while', () => {
    namespace.run((outer) => {
      namespace.run((inner) => {
        namespace.active = null;
        namespace.active = inner;
      });
      assert.strictEqual(namespace.active, outer);
    });
  });
});
