'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { bind, createNamespace, destroyNamespace, snapshot } = require('context');
const { Snapshot, Variable } = require('context/async-context');
const { watchCollection } = require('../../support/collected');
const { playRandomly } = require('../random-steps');

/** A test in the initial state, in a `run`, and in a `run` in which a snapshot was taken. */
function inAllStates(title, test) {
  const other = new Variable();
  it(`${title}: outside of all`, test);
  it(`${title}: in a run`, () => other.run(null, test));
  it(`${title}: in a run with a snapshot`, () => other.run(null, () => [Snapshot.wrap(() => {}), test()]));
}

describe('the values of variables', () => {
  const [a, b] = ['a', 'b'].map((name) => new Variable({ name, defaultValue: `no ${name}` }));
  const values = () => [a.get(), b.get()];
  const assertValues = (...expected) => assert.deepStrictEqual(values(), expected);

  inAllStates('are those of the innermost run, also undefined, and as before after it, on a throw too', () => {
    a.run(1, () => {
      assertValues(1, 'no b');
      assert.throws(() => b.run(2, () => a.run(undefined, () => assertValues('no a', 2))), assert.AssertionError);
      assertValues(1, 'no b');
      b.run(2, () => {
        a.run(3, () => assertValues(3, 2));
        a.run(undefined, () => assertValues(undefined, 2));
        assertValues(1, 2);
      });
    });
    assertValues('no a', 'no b');
  });

  inAllStates('are restored by a snapshot, whatever has one there, also variables without a value and later ones', () => {
    const empty = new Snapshot();
    const [inOne, inBoth] = a.run(1, () => [Snapshot.wrap(values), b.run(2, () => new Snapshot())]);
    const later = new Variable({ defaultValue: 'none' });
    const seen = () => [...values(), later.get()];
    const surroundings = [(f) => f(), (f) => a.run(8, f), (f) => inBoth.run(f), (f) => later.run(9, () => b.run(8, f))];
    const check = () => {
      const before = seen();
      assert.deepStrictEqual(
        [inOne(), inBoth.run(seen)],
        [
          [1, 'no b'],
          [1, 2, 'none'],
        ],
      );
      assert.deepStrictEqual(empty.run(seen), ['no a', 'no b', 'none']);
      const nested = () => b.run(3, () => [inOne(), empty.run(values), values()]);
      assert.deepStrictEqual(inBoth.run(nested), [
        [1, 'no b'],
        ['no a', 'no b'],
        [1, 3],
      ]);
      assert.throws(() => inBoth.run(() => assertValues()), assert.AssertionError);
      assert.deepStrictEqual(seen(), before);
    };
    for (const surrounding of surroundings) surrounding(check);
  });

  it('agree with AsyncLocalStorage at any point of any program', () => {
    const pairs = Array.from('xyz', (name) => [new Variable({ name }), new AsyncLocalStorage()]);
    const entries = {
      run(f, { which, entry }) {
        const [[variable, storage], value] = [pairs[which], Symbol(entry)];
        return variable.run(value, () => storage.run(value, f));
      },
      snapshot: (f, step, [ours, theirs]) => ours.run(() => theirs(f)),
      wrap: (f) => Snapshot.wrap(AsyncLocalStorage.bind(f))(),
      later: (f, step) => new Promise((go) => setImmediate(() => go(entries.run(f, step)))),
    };
    const assertSame = () => {
      for (const [variable, storage] of pairs) assert.strictEqual(variable.get(), storage.getStore());
    };
    return playRandomly({ entries, assertSame, take: () => [new Snapshot(), AsyncLocalStorage.snapshot()], runs: 100 });
  });
});

describe('variables and namespaces', () => {
  const [variable, namespace] = [new Variable(), createNamespace('async-context')];
  after(() => destroyNamespace('async-context'));
  const assertSeen = (...expected) => assert.deepStrictEqual([variable.get(), namespace.get('id')], expected);
  const inContext = (id, f) => namespace.createContext({ id }).run(f);

  const takes = {
    Snapshot: () =>
      (
        (taken) => (f) =>
          taken.run(f)
      )(new Snapshot()),
    'Snapshot.wrap': () => Snapshot.wrap((f) => f()),
    'bind of the module': () => bind((f) => f()),
    'snapshot of the module': snapshot,
  };
  for (const [name, take] of Object.entries(takes)) {
    it(`${name} restores both, also a context that has ended, and leaves nothing behind`, () => {
      const run = inContext(1, () => variable.run('a', take));
      inContext(2, () => {
        variable.run('b', () => run(() => assertSeen('a', 1)));
        run(() => namespace.createContext({ id: 3 }).enter());
        assertSeen(undefined, 2);
      });
    });
  }

  it('fromException knows the context of an error that came out of a Snapshot', () => {
    const [taken, context] = inContext(1, () => [new Snapshot(), namespace.active]);
    const error = new Error('thrown');
    const fail = () => {
      throw error;
    };
    assert.throws(() => taken.run(fail), error);
    assert.strictEqual(namespace.fromException(error), context);
  });
});

describe('the memory of variables', () => {
  it('values, and variables, are collected with what they were set for', async () => {
    const { watch, collected } = watchCollection();
    const work = async () => {
      const [variable, value] = [new Variable(), { large: new Array(1000) }];
      value.back = variable;
      for (const object of [variable, value]) watch(object);
      await variable.run(value, () => nextTurn());
    };
    await Promise.all(Array.from({ length: 100 }, work));
    await collected(198);
  });

  it('a value that a later run in it hides is collected while that goes on: a loop that never ends does not grow', async () => {
    const { watch, collected } = watchCollection();
    const [variable, other] = [new Variable(), new Variable()];
    const turn = (left, done) => {
      const value = {};
      watch(value);
      const next = left > 0 ? () => setImmediate(turn, left - 1, done) : () => done(new Snapshot());
      variable.run(value, () => other.run(left, next));
    };
    const last = await new Promise((done) => turn(100, done));
    await collected(99);
    assert.deepStrictEqual([typeof last.run(() => variable.get()), last.run(() => other.get())], ['object', 0]);
  });

  it('2,000 variables have a value at once, and a stack that overflows leaves none', () => {
    const variables = Array.from({ length: 2000 }, () => new Variable());
    let all = new Snapshot();
    for (const [index, each] of variables.entries()) all = all.run(() => each.run(index, () => new Snapshot()));
    all.run(() => variables.forEach((each, index) => assert.strictEqual(each.get(), index)));
    const [variable] = variables;
    let deepest = 0;
    const nest = (depth) => {
      deepest = depth;
      variable.run(depth, () => nest(depth + 1));
    };
    variable.run('before', () => {
      assert.throws(() => nest(1), RangeError);
      assert.strictEqual(variable.get(), 'before');
    });
    assert.ok(deepest > 1000, `${deepest} runs in each other`);
    assert.strictEqual(variable.get(), undefined);
  });
});
