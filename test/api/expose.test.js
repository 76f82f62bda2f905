'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace, stats } = require('context');

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

async function collect() {
  for (let i = 0; i < 5; i++) {
    await nextTurn();
    global.gc();
  }
}

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
    for (const [character, bytes] of [
      ['x', 1],
      ['é', 2],
      ['€', 3],
      ['\u{1F600}', 4],
    ]) {
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

  it('exposes nothing but the keys that it is given', () => {
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

  it('takes keys of any name, and those of Object.prototype are none of them', () => {
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

  it('copies the values that a context is created with', () => {
    const namespace = createNamespace('expose.initial').expose('id');
    namespace.createContext({ id: 5, other: 6 }).run(() => assert.deepStrictEqual(labels(), { id: '5' }));
  });

  it('goes for what is set from then on: also on contexts that were made before, in what enters them after that', () => {
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

  it('gives each context its own labels, also if it is nested or entered twice', () => {
    const namespace = createNamespace('expose.nested').expose('id');
    const outer = namespace.createContext({ id: 'outer' });
    outer.run(() => {
      namespace.createContext({ id: 'inner' }).run(() => {
        assert.deepStrictEqual(labels(), { id: 'inner' });
        outer.run(() => assert.deepStrictEqual(labels(), { id: 'outer' }));
      });
      assert.deepStrictEqual(labels(), { id: 'outer' });
    });
  });

  it('labels no default context', () => {
    const namespace = createNamespace('expose.default').expose('id');
    namespace.set('id', 'for all');
    const around = namespace.active;
    namespace.run(() => around.run(() => assert.deepStrictEqual(labels(), {})));
    assert.strictEqual(namespace.get('id'), 'for all');
  });

  it('refuses what is no key, and more than 32 of them, and changes nothing then', () => {
    const namespace = createNamespace('expose.refused');
    for (const wrong of [undefined, null, {}, true, 1n, () => 0]) {
      assert.throws(() => namespace.expose('id', wrong), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
    const keys = Array.from({ length: 33 }, (_, index) => `key${index}`);
    assert.throws(() => namespace.expose(...keys), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    namespace.run(() => {
      for (const key of ['id', ...keys]) namespace.set(key, 'a');
      assert.deepStrictEqual(labels(), {});
    });
    namespace.expose(...keys.slice(0, 32));
    assert.throws(() => namespace.expose('one more'), { code: 'ERR_OUT_OF_RANGE' });
    namespace.run(() => {
      for (const key of keys) namespace.set(key, 'a');
      assert.strictEqual(Object.keys(labels()).length, 32);
    });
  });

  it('leaks nothing: labels go with their contexts', async () => {
    const namespace = createNamespace('expose.memory').expose('id', 'text');
    const use = (times) => {
      for (let i = 0; i < times; i++) namespace.run(() => namespace.set('text', 'x'.repeat(namespace.set('id', i) % 200)));
    };
    use(1000);
    await collect();
    const before = stats().bytes;
    const held = namespace.createContext({ id: 'held' });
    use(50_000);
    assert.ok(stats().bytes > before);
    await collect();
    assert.ok(stats().bytes < before + 300_000, `${before} bytes before, ${stats().bytes} after`);
    held.run(() => assert.deepStrictEqual(labels(), { id: 'held' }));
  });

  it('takes memory in proportion to the contexts that live, however many others were made between them', async () => {
    const namespace = createNamespace('expose.survivors').expose('id');
    const make = (id) => {
      const context = namespace.createContext();
      context.set('id', id);
      return context;
    };
    const idOf = (context) => context.run(() => labels().id);
    await collect();
    const before = stats().bytes;
    const kept = [];
    const others = [];
    for (let i = 0; i < 300; i++) {
      kept.push(make(`kept ${i}`));
      for (let j = 0; j < 300; j++) others.push(make(`other ${j}`));
    }
    const most = stats().bytes - before;
    others.length = 0;
    for (let round = 0; round < 3; round++) await collect();
    const held = stats().bytes - before;
    assert.ok(most > 3e6 && held < 0.8e6, `${held} bytes for 300 contexts, ${most} when there were 90,000`);
    kept.forEach((context, i) => assert.strictEqual(idOf(context), `kept ${i}`));
    // They have been moved: what is written to them is read, too, and reaches no other one.
    kept.forEach((context, i) => (i % 3 === 0 ? context.delete('id') : context.set('id', `${'x'.repeat(i % 100)} ${i}`)));
    kept.forEach((context, i) => assert.strictEqual(idOf(context), i % 3 === 0 ? undefined : `${'x'.repeat(i % 100)} ${i}`));
  });

  it('takes the same memory if a label is set a million times', () => {
    const namespace = createNamespace('expose.million').expose('value');
    namespace.run((context = namespace.active) => {
      context.set('value', 'x'.repeat(128));
      const before = stats().bytes;
      for (let i = 0; i < 1_000_000; i++) context.set('value', i % 2 === 0 ? i : 'é'.repeat(i % 64));
      assert.strictEqual(stats().bytes, before);
      assert.deepStrictEqual(labels(), { value: 'é'.repeat(999_999 % 64) });
    });
  });
});
