'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const { runNode } = require('../support/child');

const [a, b, c] = ['a', 'b', 'c'].map((name) => createNamespace(`nested promises: ${name}`));

/** Calls a function in a new context of each namespace, and logs their ends with what is active in them. */
function nested(fn) {
  const ends = [];
  const contexts = [a, b, c].map((namespace) => namespace.createContext());
  contexts.forEach((context, index) => {
    context.on('end', () => {
      const active = [a, b, c].map((namespace, at) => namespace.active === contexts[at]);
      ends.push([index, active]);
    });
  });
  const [first, second, third] = contexts;
  let inner;
  const outer = first.run(() =>
    second.run(() => {
      inner = third.run(fn);
      return inner;
    }),
  );
  return { contexts, ends, inner, outer };
}

const ENDS = [
  [2, [true, true, false]],
  [1, [true, false, false]],
  [0, [false, false, false]],
];

describe('calls that return the promise of a call within them', () => {
  it('end once, the innermost first, each with what is around it active', async () => {
    const { ends, inner, outer } = nested(async () => {
      await nextTurn();
      return 'value';
    });
    // One promise is enough to follow it for all of them.
    assert.strictEqual(outer, inner);
    assert.deepStrictEqual(ends, []);
    assert.strictEqual(await outer, 'value');
    assert.deepStrictEqual(ends, ENDS);
  });

  it('end when it is rejected, and reject with the same error, of which each namespace knows the context', async () => {
    const error = new Error('to be caught');
    const { contexts, ends, outer } = nested(async () => {
      await nextTurn();
      throw error;
    });
    await assert.rejects(outer, error);
    assert.deepStrictEqual(ends, ENDS);
    assert.deepStrictEqual(
      [a, b, c].map((namespace) => namespace.fromException(error)),
      contexts,
    );
  });

  it('have their own outcome if they return another promise', async () => {
    const ends = [];
    const outer = a.createContext();
    const inner = b.createContext();
    outer.on('end', () => ends.push('outer'));
    inner.on('end', () => ends.push('inner'));
    let finish;
    const result = outer.run(() => {
      inner.run(() => new Promise((resolve) => (finish = resolve)));
      return Promise.resolve('other');
    });
    assert.strictEqual(await result, 'other');
    assert.deepStrictEqual(ends, ['outer']);
    finish();
    await nextTurn();
    assert.deepStrictEqual(ends, ['outer', 'inner']);
  });

  it('are told from one that is returned later, from elsewhere', async () => {
    const ends = [];
    const inner = b.createContext();
    inner.on('end', () => ends.push('inner'));
    const promise = inner.run(() => nextTurn('value'));
    const outer = a.createContext();
    outer.on('end', () => ends.push('outer'));
    assert.strictEqual(await outer.run(() => promise), 'value');
    assert.deepStrictEqual(ends, ['inner', 'outer']);
  });

  it('end if microtasks have run before they are left', async () => {
    const ends = [];
    const outer = a.createContext();
    const inner = b.createContext();
    outer.on('end', () => ends.push('outer'));
    inner.on('end', () => ends.push('inner'));
    const result = outer.run(() => {
      const promise = inner.run(async () => 'value');
      process._tickCallback();
      assert.deepStrictEqual(ends, ['inner']);
      return promise;
    });
    assert.strictEqual(await result, 'value');
    assert.deepStrictEqual(ends, ['inner', 'outer']);
  });

  it('report a rejection that nobody handles once, where the contexts are active', async () => {
    const { code, stdout, stderr } = await runNode(`
      const [a, b] = ['a', 'b'].map((name) => require('context').createNamespace(name));
      process.on('unhandledRejection', (error) => console.log(error.message, a.get('id'), b.get('id')));
      a.createContext({ id: 1 }).run(() => b.createContext({ id: 2 }).run(async () => {
        await null;
        throw new Error('unhandled');
      }));
    `);
    assert.deepStrictEqual([code, stdout, stderr], [0, 'unhandled 1 2\n', '']);
  });

  it('emit end for each of many contexts of one namespace', async () => {
    const ends = [];
    const run = (depth) => {
      if (depth === 0) return nextTurn('deep');
      const context = a.createContext();
      context.on('end', () => ends.push(depth));
      return context.run(() => run(depth - 1));
    };
    assert.strictEqual(await run(500), 'deep');
    assert.deepStrictEqual(
      ends,
      Array.from({ length: 500 }, (_, index) => index + 1),
    );
  });

  it('keep neither the promise nor what it gave alive once it has settled', async () => {
    let kept;
    let value = { large: true };
    const reference = new WeakRef(value);
    await a.run(() =>
      b.run(async () => {
        await null;
        // Holds what is active here.
        kept = a.bind(() => {});
        return value;
      }),
    );
    value = undefined;
    for (let turn = 0; turn < 20 && reference.deref() !== undefined; turn++) {
      await nextTurn();
      global.gc();
    }
    assert.strictEqual(typeof kept, 'function');
    assert.strictEqual(reference.deref(), undefined);
  });
});
