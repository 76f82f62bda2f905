'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const { linesOf } = require('../support/child');
const { assertActive } = require('../support/core-view');

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
});

describe('toObject', () => {
  const namespace = createNamespace('namespace.object');
  const key = Symbol('key');

  it('has all that get would find, inner values in place of outer ones', () => {
    const outside = namespace.active;
    namespace.active.set('from', 'default');
    namespace.active.set('default', true);
    const outer = namespace.createContext({ from: 'outer', [key]: 1 });
    const inner = namespace.createContext({ from: 'inner', gone: undefined });
    outer.run(() => {
      inner.run(() => {
        const object = namespace.toObject();
        assert.deepStrictEqual(object, { __proto__: null, from: 'inner', default: true, [key]: 1, gone: undefined });
        for (const name of Reflect.ownKeys(object)) assert.strictEqual(namespace.get(name), object[name]);
        object.from = 'changed';
        assert.strictEqual(namespace.get('from'), 'inner');
      });
      assert.deepStrictEqual(namespace.toObject(), { __proto__: null, from: 'outer', default: true, [key]: 1 });
      assert.strictEqual(key in outside.run(() => namespace.toObject()), false);
    });
    assert.deepStrictEqual(namespace.toObject(), { __proto__: null, from: 'default', default: true });
    assert.notStrictEqual(namespace.toObject(), namespace.active.bag);
  });

  it('has a key __proto__ like any other', () => {
    const values = JSON.parse('{"__proto__": {"polluted": true}}');
    const seen = namespace.createContext(values).run(() => namespace.toObject());
    assert.deepStrictEqual(Object.getOwnPropertyDescriptor(seen, '__proto__').value, { polluted: true });
    assert.strictEqual(seen.polluted, undefined);
    assert.strictEqual({}.polluted, undefined);
  });
});

describe('isActive', () => {
  it('is whether another context than the default one is active', () => {
    const [one, two] = ['one', 'two'].map((name) => createNamespace(`namespace.isActive.${name}`));
    const nobody = one.active;
    const isActive = () => one.isActive();
    const answers = [isActive(), one.run(isActive), one.run(() => nobody.run(isActive)), two.run(isActive)];
    assert.deepStrictEqual(answers, [false, true, false, false]);
  });
});

describe('a strict namespace', () => {
  const strict = createNamespace('namespace.strict', { strict: true });
  const notActive = { name: 'Error', code: 'ERR_CONTEXT_NOT_ACTIVE', message: /'namespace\.strict'.*'key'.*run\(\)/ };

  it('refuses to set what all would share, and changes nothing', () => {
    const nobody = strict.active;
    const refuse = () => assert.throws(() => strict.set('key', 1), notActive);
    refuse();
    strict.run(() => {
      nobody.run(refuse);
      assert.strictEqual(strict.set('key', 2), 2);
    });
    assert.strictEqual(strict.get('key'), undefined);
    assert.throws(() => strict.set(Symbol('key'), 1), { code: 'ERR_CONTEXT_NOT_ACTIVE', message: /Symbol\(key\)/ });
  });

  it('has a default context that accepts values by its own set', () => {
    strict.active.set('all', 1);
    assert.strictEqual(strict.get('all'), 1);
    assert.strictEqual(strict.active.delete('all'), true);
  });

  it('is not what a namespace is by default', () => {
    const all = [undefined, {}, { strict: undefined }, { strict: false }, { other: true }];
    const lax = all.map((options, index) => createNamespace(`namespace.lax.${index}`, options));
    for (const namespace of lax) assert.strictEqual(namespace.set('key', 1), 1);
  });
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
    const lines = await linesOf(`
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
    assert.deepStrictEqual(lines, ['undefined false false']);
  });

  it('does nothing after exit(), if the context was active before, or where it is not entered', async () => {
    const [context, stranger] = [create(), create()];
    const exited = context.enter();
    context.exit();
    const first = context.enter();
    for (const scope of [exited, context.enter()]) {
      scope[Symbol.dispose]();
      assertActive(context);
    }
    first[Symbol.dispose]();
    assertActive(outside);
    const scope = await new Promise((resolve) => setImmediate(() => resolve(context.enter())));
    stranger.run(() => {
      scope[Symbol.dispose]();
      assertActive(stranger);
    });
  });

  it('leaves the context in a later turn of the same function or in a run, and not in others that were started there', async () => {
    const context = create();
    let inside;
    await namespace.run(async function () {
      await null;
      const scope = context.enter();
      inside = nextTurn().then(() => namespace.active);
      await null;
      assertActive(context);
      scope[Symbol.dispose]();
      assertActive(this);
      await null;
      assertActive(this);
    });
    assertActive(outside);
    assert.strictEqual(await inside, context);
  });
});
