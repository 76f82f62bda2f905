'use strict';

const assert = require('node:assert');

const { createNamespace } = require('context');

const core = require('../../lib/frames/binding');
const engine = require('../../lib/engine');

/** The labels of the active context, as the core has them. */
const labels = () => core.labelsOf(engine.activeRecord());

/** What the core has of a value of a context of its own. */
function labelOf(value) {
  const namespace = createNamespace(`expose.${count++}`).expose('value');
  return namespace.run(() => {
    namespace.set('value', value);
    return labels().value;
  });
}
let count = 0;

describe('namespace.expose', () => {
  it('copies strings, numbers, booleans and bigints, and of other values their type', () => {
    const shown = [
      ['', ''],
      ['text', 'text'],
      ['Ünïcödé \u{1F600} "quoted"\n\0', 'Ünïcödé \u{1F600} "quoted"\n\0'],
      ['\uD800x', '\uFFFDx'],
      [0, '0'],
      [-0, '0'],
      [-1.5e300, '-1.5e+300'],
      [NaN, 'NaN'],
      [-Infinity, '-Infinity'],
      [true, 'true'],
      [false, 'false'],
      [123n, '123'],
      [-(10n ** 127n), `-1${'0'.repeat(127)}`.slice(0, 128) + '…'],
      [10n ** 100_000n, '[bigint]'],
      [undefined, '[undefined]'],
      [null, '[null]'],
      [Symbol('secret'), '[symbol]'],
      [{ secret: 1 }, '[object]'],
      [['secret'], '[object]'],
      [() => 'secret', '[function]'],
      [new String('secret'), '[object]'],
    ];
    for (const [value, label] of shown) assert.strictEqual(labelOf(value), label);
  });

  it('cuts a text at 128 bytes, between two characters, with a mark', () => {
    for (const character of ['x', 'é', '€', '\u{1F600}']) {
      const bytes = Buffer.byteLength(character);
      for (let before = 0; before <= 5; before++) {
        const prefix = 'a'.repeat(before);
        const whole = Math.floor((128 - before) / bytes);
        assert.strictEqual(labelOf(prefix + character.repeat(whole)), prefix + character.repeat(whole));
        assert.strictEqual(labelOf(prefix + character.repeat(whole + 1)), `${prefix}${character.repeat(whole)}…`);
        assert.strictEqual(labelOf(prefix + character.repeat(100_000)), `${prefix}${character.repeat(whole)}…`);
      }
    }
  });

  it('runs no code of a value', () => {
    const fail = () => assert.fail('a value was asked for its text');
    const hostile = new Proxy({}, Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, fail])));
    assert.strictEqual(labelOf(hostile), '[object]');
    assert.strictEqual(labelOf({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail, toJSON: fail }), '[object]');
  });

  it('copies the values of the keys that it is given, and no others', () => {
    const namespace = createNamespace('expose.keys').expose('id', 7, Symbol('of a symbol'));
    namespace.run(() => {
      namespace.set('id', 'a');
      namespace.set('7', 'seven');
      namespace.set('password', 'secret');
      assert.deepStrictEqual(labels(), { id: 'a', 7: 'seven' });
    });
    const unexposed = createNamespace('expose.none');
    unexposed.run(() => {
      unexposed.set('id', 'a');
      assert.deepStrictEqual(labels(), {});
    });
  });

  it('accepts keys of any name, and those of Object.prototype are none of them', () => {
    const key = Symbol('kind');
    const namespace = createNamespace('expose.names').expose('__proto__', key, '');
    namespace.run(() => {
      for (const name of ['__proto__', key, '', 'toString', 'constructor']) namespace.set(name, 'a');
      assert.deepStrictEqual(Object.entries(labels()).sort(), [
        ['', 'a'],
        ['__proto__', 'a'],
        ['kind', 'a'],
      ]);
    });
  });

  it('keeps up with values that change and that are deleted', () => {
    const namespace = createNamespace('expose.changes').expose('value', 'other');
    namespace.run((context = namespace.active) => {
      namespace.set('other', 'stays');
      for (const value of ['a', 'a longer one than before it', 'x'.repeat(128), 1, 'é'.repeat(100), 'b', true]) {
        context.set('value', value);
        assert.ok(labels().value.startsWith(String(value).slice(0, 64)), `${labels().value} of ${value}`);
      }
      assert.strictEqual(context.delete('value'), true);
      assert.deepStrictEqual(labels(), { other: 'stays' });
      context.set('value', 'again');
      assert.deepStrictEqual(labels(), { value: 'again', other: 'stays' });
    });
  });

  it('copies what is set from then on, also on contexts that were made before, for what enters them after that', () => {
    const namespace = createNamespace('expose.later');
    const context = namespace.createContext({ id: 'a' });
    namespace.expose('id');
    context.run(() => assert.deepStrictEqual(labels(), {}));
    context.set('id', 'b');
    context.run(() => {
      assert.deepStrictEqual(labels(), { id: 'b' });
      namespace.set('name', 'n');
      namespace.expose('name');
      assert.deepStrictEqual(labels(), { id: 'b' });
      namespace.set('name', 'm');
      assert.deepStrictEqual(labels(), { id: 'b', name: 'm' });
    });
  });

  it('may be called again, and counts a key once', () => {
    const namespace = createNamespace('expose.again');
    for (let i = 0; i < 100; i++) assert.strictEqual(namespace.expose('id', 'id'), namespace);
    assert.strictEqual(namespace.expose(), namespace);
    namespace.run(() => {
      namespace.set('id', 1);
      assert.deepStrictEqual(labels(), { id: '1' });
    });
  });

  it('copies the values that a context is created with: each has its own, and a default context none', () => {
    const namespace = createNamespace('expose.nested').expose('id');
    namespace.set('id', 'for all');
    const around = namespace.active;
    const [outer, inner] = [5, 'inner'].map((id) => namespace.createContext({ id, other: 6 }));
    outer.run(() => {
      inner.run(() => {
        assert.deepStrictEqual(labels(), { id: 'inner' });
        outer.run(() => assert.deepStrictEqual(labels(), { id: '5' }));
        around.run(() => assert.deepStrictEqual(labels(), {}));
      });
      assert.deepStrictEqual(labels(), { id: '5' });
    });
    assert.strictEqual(namespace.get('id'), 'for all');
  });

  it('refuses more than 32 keys, and changes nothing then', () => {
    const namespace = createNamespace('expose.refused');
    assert.throws(() => namespace.expose('id', {}), { code: 'ERR_INVALID_ARG_TYPE' });
    const keys = Array.from({ length: 33 }, (_, index) => `key${index}`);
    assert.throws(() => namespace.expose(...keys), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    const labelsIfAllAreSet = () =>
      namespace.createContext(Object.fromEntries(['id', ...keys].map((key) => [key, 'a']))).run(labels);
    assert.deepStrictEqual(labelsIfAllAreSet(), {});
    namespace.expose(...keys.slice(0, 32));
    assert.throws(() => namespace.expose('one more'), { code: 'ERR_OUT_OF_RANGE' });
    assert.strictEqual(Object.keys(labelsIfAllAreSet()).length, 32);
  });
});
