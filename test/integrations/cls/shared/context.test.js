'use strict';

const assert = require('node:assert');

const { newNamespace } = require('./library');

describe('cls: contexts', () => {
  let namespace;
  beforeEach(() => (namespace = newNamespace()));
  afterEach(() => assert.strictEqual(namespace.active, null));

  const invalid = { code: 'ERR_ASSERTION' };
  /** Asserts of a context, by identity, that it is active. */
  const assertActive = (context) => assert.strictEqual(namespace.active, context);

  it('are plain objects, the one around being the prototype', () => {
    const outer = namespace.createContext();
    assert.strictEqual(Object.getPrototypeOf(outer), Object.prototype);
    assert.deepStrictEqual(Object.keys(outer), ['_ns_name', 'id']);
    assert.deepStrictEqual([outer._ns_name, typeof outer.id], [namespace.name, 'number']);
    assertActive(null);
    namespace.enter(outer);
    assert.strictEqual(Object.getPrototypeOf(namespace.createContext()), outer);
    namespace.exit(outer);
  });

  it('hold what is set: under any key, for all that have them', () => {
    const symbol = Symbol('key');
    namespace.run((context) => {
      assert.strictEqual(namespace.set('text', 'value'), 'value');
      namespace.set(symbol, 1);
      namespace.set(7, 'seven');
      namespace.set('nothing', undefined);
      assert.deepStrictEqual([context.text, context[symbol], context[7]], ['value', 1, 'seven']);
      assert.ok(Object.hasOwn(context, 'nothing'));
      context.own = true;
      const values = ['own', '7', 'missing', '_ns_name'].map((key) => namespace.get(key));
      assert.deepStrictEqual(values, [true, 'seven', undefined, namespace.name]);
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

  it('are entered and exited by hand, as often as they were entered, in any order', () => {
    const [one, two, three] = [1, 2, 3].map(() => namespace.createContext());
    namespace.enter(one);
    namespace.set('key', 1);
    namespace.enter(two);
    assertActive(two);
    assert.strictEqual(namespace.get('key'), undefined);
    assert.strictEqual(namespace._set.length, 2);
    namespace.enter(three);
    namespace.enter(three);
    for (const context of [three, two, one]) {
      namespace.exit(context);
      assertActive(three);
    }
    namespace.exit(three);
    assert.strictEqual(namespace._set.length, 0);
  });

  it('are exited inside of run', () => {
    const context = namespace.createContext();
    namespace.enter(context);
    namespace.run((inner) => {
      assert.deepStrictEqual(namespace._set, [null, context]);
      namespace.exit(context);
      assertActive(inner);
    });
  });

  it('stay active behind the run in which they were entered', () => {
    const context = namespace.createContext();
    namespace.run(() => namespace.enter(context));
    assertActive(context);
    namespace.exit(context);
  });

  it('must be given to enter and exit, and are not exited if they were not entered', () => {
    const context = namespace.createContext();
    for (const none of [undefined, null]) assert.throws(() => namespace.enter(none), invalid);
    assert.throws(() => namespace.exit(), invalid);
    assert.throws(() => namespace.exit(context), invalid);
    namespace.run((active) => {
      assert.throws(() => namespace.exit(context), invalid);
      assertActive(active);
    });
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
      assertActive(other);
      namespace.active = null;
      assert.strictEqual(namespace.get('key'), undefined);
      namespace.active = outer;
      assertActive(outer);
      namespace.run((inner) => {
        namespace.active = null;
        namespace.active = inner;
      });
      assertActive(outer);
    });
  });
});
