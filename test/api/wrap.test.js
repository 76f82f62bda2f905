'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace, detach, stats } = require('context');

const { assertSame, thrower } = require('../support/contexts');
const { assertActive } = require('../support/core-view');

const namespace = createNamespace('wrap');
const other = createNamespace('wrap.other');
const outermost = namespace.active;
const values = () => ({ ...namespace.toObject() });
const created = () => stats().namespaces.wrap.created;

describe('namespace.wrap', () => {
  it('makes each call a root with values of its own; this, arguments, result, name and length are those of the callback', () => {
    const seen = [];
    function callback(a, b) {
      seen.push(this, a, b, values(), namespace.active);
      return seen;
    }
    const self = { wrapped: namespace.wrap(callback, (a, b) => ({ a, b })) };
    const outer = namespace.createContext({ tenant: 1 });
    outer.run(() => {
      assert.strictEqual(self.wrapped(1, 2), seen);
      self.wrapped(3);
      assertActive(outer);
    });
    const [first, second] = [seen.splice(0, 5), seen];
    assertSame([first[0], second[0]], [self, self]);
    assert.deepStrictEqual(
      [first.slice(1, 4), second.slice(1, 4)],
      [
        [1, 2, { a: 1, b: 2 }],
        [3, undefined, { a: 3, b: undefined }],
      ],
    );
    assert.notStrictEqual(first[4], second[4]);
    assert.deepStrictEqual([self.wrapped.name, self.wrapped.length], ['callback', 2]);
    const bare = namespace.wrap(function () {
      return [this, values()];
    });
    assert.deepStrictEqual(
      outer.run(() => bare()),
      [undefined, {}],
    );
  });

  it('calls values for each call, in the context of the caller, with the same this and arguments', () => {
    const self = {};
    const seen = [];
    const wrapped = namespace.wrap(
      () => values(),
      function (...args) {
        seen.push(this, args, namespace.get('tenant'));
        return undefined;
      },
    );
    const result = namespace.run({ tenant: 1 }, () => Reflect.apply(wrapped, self, [1, 2]));
    assert.deepStrictEqual([result, seen], [{}, [self, [1, 2], 1]]);
    assert.strictEqual(seen[0], self);
  });

  it('emits end when the promise that it returned has settled, or at its return, in no context of the namespace', async () => {
    const ends = [];
    const watch = () => void namespace.active.on('end', () => ends.push(namespace.active));
    const outer = namespace.createContext();
    const [slow, quick] = [async () => watch(await nextTurn()), watch].map((each) => namespace.wrap(each));
    const result = outer.run(() => {
      quick();
      assertActive(outer);
      return [ends.length, slow()];
    });
    assert.strictEqual(result[0], 1);
    await result[1];
    assertSame(ends, [outermost, outermost]);
  });

  it('throws what values throws or an odd result of it, and nothing was entered', () => {
    const before = created();
    const outer = namespace.createContext();
    const callback = () => assert.fail('called');
    const code = 'ERR_INVALID_ARG_TYPE';
    outer.run(() => {
      assert.throws(namespace.wrap(callback, thrower('values')), /^Error: values$/);
      for (const odd of [null, 1, 'values', () => {}, Promise.resolve({})]) {
        assert.throws(() => namespace.wrap(callback, () => odd)(), { name: 'TypeError', code, message: /values\(\)/ });
      }
      const trap = { get a() {
        throw new Error('getter');
      } }; // prettier-ignore
      assert.throws(() => namespace.wrap(callback, () => trap)(), /getter/);
      assertActive(outer);
    });
    assert.strictEqual(created(), before + 1);
    for (const args of [[], [1], [null], [callback, {}], [callback, null]]) {
      assert.throws(() => namespace.wrap(...args), { name: 'TypeError', code });
    }
  });

  it('is where an error came from that a unit around it passes on', async () => {
    for (const fail of [async () => nextTurn().then(thrower('failed')), async () => thrower('failed')()]) {
      let unit;
      const wrapped = namespace.wrap(() => {
        unit = namespace.active;
        return fail();
      });
      const nested = namespace.run(async () => {
        await nextTurn();
        await namespace.run(async () => wrapped());
      });
      const error = await nested.catch((reason) => reason);
      assert.strictEqual(error.message, 'failed');
      assert.strictEqual(namespace.fromException(error), unit);
    }
  });

  it('runs 1,000 jobs of a lazily started queue, none of which sees a value of the unit that started it', async () => {
    const queue = [];
    const seen = [];
    const look = () => seen.push(namespace.get('tenant'), namespace.get('id'));
    const work = namespace.wrap(
      async function () {
        namespace.active.on('end', look);
        look();
        await null;
        look();
        await new Promise((resolve) => setImmediate(resolve));
        look();
      },
      ({ id }) => ({ id }),
    );
    let loop;
    const start = async () => {
      for (let id = 0; id < 1000; id++) {
        queue.push({ id });
        await work.call({}, queue.pop());
      }
    };
    namespace.run({ tenant: 'first' }, () => {
      loop = start();
    });
    await loop;
    assert.strictEqual(seen.length, 8000);
    assert.deepStrictEqual(new Set(seen.filter((_, index) => index % 2 === 0)), new Set([undefined]));
    const ids = seen.filter((_, index) => index % 2 === 1);
    // The listener of `end` is outside of the unit.
    for (let id = 0; id < 1000; id++) assert.deepStrictEqual(ids.slice(id * 4, id * 4 + 4), [id, id, id, undefined]);
  });
});

describe('namespace.run with values', () => {
  it('is createContext(values).run(callback, ...args)', () => {
    const run = (...args) => namespace.run(...args);
    const callback = function (...args) {
      assertActive(this);
      return [values(), args];
    };
    const all = [run({ a: 1 }, callback), run({ a: 1 }, callback, 1, 2), run(undefined, callback, 3), run(callback, 4)];
    assert.deepStrictEqual(all, [
      [{ a: 1 }, []],
      [{ a: 1 }, [1, 2]],
      [{}, [3]],
      [{}, [4]],
    ]);
    assert.deepStrictEqual(run({ outer: 1 }, run, { inner: 2 }, callback), [{ outer: 1, inner: 2 }, []]);
  });

  it('checks both before a context is created', () => {
    const before = created();
    const wrong = [[], [1], [{}], [{}, 1], [{}, null, () => {}], [null, () => {}], ['values', () => {}]];
    for (const args of wrong) {
      assert.throws(() => namespace.run(...args), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
    assert.strictEqual(created(), before);
  });
});

describe('detach', () => {
  it('calls a function outside all contexts of all namespaces, and what that starts', async () => {
    const look = () => [namespace.isActive(), other.isActive(), namespace.get('a'), other.get('b')];
    const started = await namespace.run({ a: 1 }, () =>
      other.run({ b: 2 }, async () => {
        const result = detach(
          function (...args) {
            assert.deepStrictEqual([this, args, look()], [undefined, [1, 2], [false, false, undefined, undefined]]);
            namespace.createContext().enter();
            other.createContext().enter();
            return detach(() => nextTurn().then(look));
          },
          1,
          2,
        );
        assert.deepStrictEqual(look(), [true, true, 1, 2]);
        assert.throws(() => detach(thrower()), /thrown/);
        assert.deepStrictEqual(look(), [true, true, 1, 2]);
        return result;
      }),
    );
    assert.deepStrictEqual(started, [false, false, undefined, undefined]);
    for (const callback of [undefined, null, {}, 'f']) {
      assert.throws(() => detach(callback), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
  });
});

describe('toObject with keys', () => {
  it('has those alone that have a value, also undefined, from the innermost context that has it', () => {
    const key = Symbol('key');
    outermost.set('shared', 1);
    namespace.run({ a: 1, b: 2, 3: 'three', gone: 1, [key]: 4 }, () =>
      namespace.run({ a: 'inner', gone: undefined }, () => {
        const picked = namespace.toObject('a', 3, key, 'shared', 'gone', 'missing', 'toString', 'a');
        assert.deepStrictEqual(picked, { __proto__: null, a: 'inner', 3: 'three', shared: 1, gone: undefined, [key]: 4 });
        assert.deepStrictEqual(namespace.toObject('__proto__'), { __proto__: null });
        for (const odd of [['a'], undefined, null, {}]) {
          assert.throws(() => namespace.toObject('a', odd), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
        }
      }),
    );
    assert.deepStrictEqual(
      namespace.createContext().run(() => namespace.toObject('a')),
      { __proto__: null },
    );
    outermost.delete('shared');
  });
});
