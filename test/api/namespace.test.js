'use strict';

const assert = require('node:assert');

const { createNamespace, stats } = require('context');

const { assertActive } = require('../support/core-view');
const { runNode } = require('../support/child');
const { mustCall } = require('../support/must-call');

describe('createContext', () => {
  const namespace = createNamespace('namespace.create');

  it('starts with the own enumerable properties of what it is given, as they are then', () => {
    const key = Symbol('key');
    const values = Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { enumerable: true, get: () => 'got' } });
    Object.assign(values, { a: 1, [key]: 2, 3: 'three', undefined });
    Object.defineProperty(values, '__proto__', { value: 'own', enumerable: true });
    const context = namespace.createContext(values);
    values.a = 'changed';
    const expected = { __proto__: null, 3: 'three', shown: 'got', a: 1, undefined, [key]: 2 };
    Object.defineProperty(expected, '__proto__', { value: 'own', enumerable: true, writable: true, configurable: true });
    assert.deepStrictEqual(context.bag, expected);
    assert.strictEqual(context.get(3), 'three');
    assert.strictEqual(context.has('inherited'), false);
    context.set('a', 2);
    assert.strictEqual(values.a, 'changed');
  });

  it('has no values if it is given undefined', () => {
    assert.deepStrictEqual(Reflect.ownKeys(namespace.createContext(undefined).bag), []);
  });

  for (const value of [null, 1, 'text', true, Symbol('s'), () => {}, 1n]) {
    it(`refuses ${String(value)}, and makes none`, () => {
      const { created } = stats().namespaces['namespace.create'];
      const expected = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /^values must be an object/ };
      assert.throws(() => namespace.createContext(value), expected);
      assert.strictEqual(stats().namespaces['namespace.create'].created, created);
    });
  }

  it('passes the error of a getter on, and makes none', () => {
    const { created } = stats().namespaces['namespace.create'];
    const values = {
      get fails() {
        throw new Error('getter');
      },
    };
    assert.throws(() => namespace.createContext(values), /getter/);
    assert.strictEqual(stats().namespaces['namespace.create'].created, created);
  });
});

describe('toObject', () => {
  const namespace = createNamespace('namespace.object');
  const key = Symbol('key');

  it('has all that get would find, inner values in place of outer ones', () => {
    namespace.active.set('from', 'default');
    namespace.active.set('default', true);
    const [outer, inner] = [
      { from: 'outer', [key]: 1 },
      { from: 'inner', gone: undefined },
    ].map((values) => namespace.createContext(values));
    outer.run(
      mustCall(() => {
        inner.run(
          mustCall(() => {
            const object = namespace.toObject();
            assert.deepStrictEqual(object, { __proto__: null, from: 'inner', default: true, [key]: 1, gone: undefined });
            for (const name of Reflect.ownKeys(object)) assert.strictEqual(namespace.get(name), object[name]);
            object.from = 'changed';
            assert.strictEqual(namespace.get('from'), 'inner');
          }),
        );
        assert.deepStrictEqual(namespace.toObject(), { __proto__: null, from: 'outer', default: true, [key]: 1 });
      }),
    );
    assert.deepStrictEqual(namespace.toObject(), { __proto__: null, from: 'default', default: true });
    assert.notStrictEqual(namespace.toObject(), namespace.active.bag);
  });

  it('hides what the default context hides', () => {
    const nobody = namespace.active;
    const seen = namespace.createContext({ secret: 1 }).run(() => nobody.run(() => namespace.toObject()));
    assert.strictEqual('secret' in seen, false);
  });

  it('takes a key __proto__ for any other', () => {
    const values = JSON.parse('{"__proto__": {"polluted": true}}');
    const seen = namespace.createContext(values).run(() => namespace.toObject());
    assert.deepStrictEqual(Object.getOwnPropertyDescriptor(seen, '__proto__').value, { polluted: true });
    assert.strictEqual(seen.polluted, undefined);
    assert.strictEqual({}.polluted, undefined);
  });
});

describe('isActive', () => {
  const namespace = createNamespace('namespace.isActive');

  it('tells whether another context than the default one is active', () => {
    const nobody = namespace.active;
    assert.strictEqual(namespace.isActive(), false);
    assert.strictEqual(
      namespace.run(() => namespace.isActive()),
      true,
    );
    assert.strictEqual(
      namespace.run(() => nobody.run(() => namespace.isActive())),
      false,
    );
    assert.strictEqual(
      createNamespace('namespace.isActive.other').run(() => namespace.isActive()),
      false,
    );
  });
});

describe('a strict namespace', () => {
  const strict = createNamespace('namespace.strict', { strict: true });
  const notActive = { name: 'Error', code: 'ERR_CONTEXT_NOT_ACTIVE', message: /'namespace\.strict'.*'key'.*run\(\)/ };

  it('refuses to set what all would share, and changes nothing', () => {
    assert.throws(() => strict.set('key', 1), notActive);
    assert.strictEqual(strict.get('key'), undefined);
    const nobody = strict.active;
    strict.run(
      mustCall(() => {
        nobody.run(mustCall(() => assert.throws(() => strict.set('key', 1), notActive)));
        assert.strictEqual(strict.set('key', 2), 2);
      }),
    );
    assert.strictEqual(strict.get('key'), undefined);
    assert.throws(() => strict.set(Symbol('key'), 1), { code: 'ERR_CONTEXT_NOT_ACTIVE', message: /Symbol\(key\)/ });
  });

  it('refuses a bad key as such', () => {
    assert.throws(() => strict.set({}, 1), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  });

  it('has its default context take values of whoever says so', () => {
    strict.active.set('all', 1);
    assert.strictEqual(strict.get('all'), 1);
    assert.strictEqual(strict.active.delete('all'), true);
  });

  it('is not what a namespace is by default', () => {
    const all = [undefined, {}, { strict: undefined }, { strict: false }, { other: true }];
    for (const [index, options] of all.entries()) {
      const namespace = createNamespace(`namespace.lax.${index}`, options);
      assert.strictEqual(namespace.set('key', 1), 1);
    }
  });

  for (const options of [null, 1, 'strict', true, { strict: 1 }, { strict: null }, { strict: 'true' }]) {
    it(`is not made by the options ${JSON.stringify(options)}`, () => {
      const expected = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /^options(\.strict)? must be/ };
      assert.throws(() => createNamespace('namespace.refused', options), expected);
      assert.strictEqual('namespace.refused' in stats().namespaces, false);
    });
  }
});

describe('what enter() returns', () => {
  const namespace = createNamespace('namespace.scope');
  const create = () => namespace.createContext();
  const outside = namespace.active;

  it('leaves the context, once', () => {
    const [context, other] = [create(), create()];
    const scope = context.enter();
    assertActive(context);
    scope[Symbol.dispose]();
    assertActive(outside);
    const again = context.enter();
    scope[Symbol.dispose]();
    assertActive(context);
    const inner = other.enter();
    again[Symbol.dispose]();
    assertActive(other);
    inner[Symbol.dispose]();
    assertActive(outside);
  });

  it('can be disposed of by the symbol of older releases, on platforms without Symbol.dispose', async () => {
    const { stdout, stderr } = await runNode(`
      const all = Symbol;
      globalThis.Symbol = function (description) { return all(description); };
      for (const key of Reflect.ownKeys(all)) {
        if (key !== 'dispose' && key !== 'asyncDispose' && !(key in Function.prototype)) Symbol[key] = all[key];
      }
      const context = require('context').createNamespace('one').createContext();
      const scope = context.enter();
      scope[Symbol.for('nodejs.dispose')]();
      console.log(Symbol.dispose, context.namespace.isActive(), 'undefined' in scope);
    `);
    assert.strictEqual(stdout, 'undefined false false\n', stderr);
  });

  it('does nothing after exit(), and leaves another entry of the same context alone', () => {
    const context = create();
    const scope = context.enter();
    context.exit();
    context.enter();
    scope[Symbol.dispose]();
    assertActive(context);
    context.exit();
    assertActive(outside);
  });

  it('leaves nothing if the context was active before', () => {
    const context = create();
    const first = context.enter();
    const second = context.enter();
    second[Symbol.dispose]();
    assertActive(context);
    first[Symbol.dispose]();
    assertActive(outside);
  });

  it('leaves the context in a later turn of the same function, and not in others that were started there', async () => {
    const context = create();
    let inside;
    await (async () => {
      await null;
      const scope = context.enter();
      inside = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(namespace.active))));
      await null;
      assertActive(context);
      scope[Symbol.dispose]();
      await null;
      assertActive(outside);
    })();
    assert.strictEqual(await inside, context);
  });

  it('does nothing where the context is not entered', async () => {
    const [context, stranger] = [create(), create()];
    const scope = await new Promise((resolve) => setImmediate(() => resolve(context.enter())));
    stranger.run(
      mustCall(() => {
        scope[Symbol.dispose]();
        assertActive(stranger);
      }),
    );
  });

  it('may be the block of a run, and left within it', () => {
    const [context, inner] = [create(), create()];
    context.run(
      mustCall(() => {
        const scope = inner.enter();
        assertActive(inner);
        scope[Symbol.dispose]();
        assertActive(context);
      }),
    );
    assertActive(outside);
  });
});
