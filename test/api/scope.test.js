'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const { assertSame } = require('../support/contexts');
const { assertActive } = require('../support/core-view');

const namespace = createNamespace('scope');
const other = createNamespace('scope.other');
const create = () => namespace.createContext();
const outermost = namespace.active;

/** By what a callback does in its namespace: each is undone when the call ends. */
const changes = {
  'enters another context': () => create().enter(),
  'enters several, and the first again': () => {
    const [a, b] = [create(), create()];
    for (const context of [a, b, a]) context.enter();
  },
  'exits its own context': () => namespace.active.exit(),
  'exits its own context, and enters another one': () => {
    namespace.active.exit();
    create().enter();
  },
  'enters the default context': () => outermost.enter(),
  'runs another context, which enters a third': () => create().run(() => create().enter()),
};

/** By the way to call a function in a context, what calls it. */
const calls = {
  run: (callback) => create().run(callback),
  'namespace.run': (callback) => namespace.run(callback),
  'a bound function': (callback) => create().bind(callback)(),
  'a function that was bound elsewhere': (callback) => create().run(() => create().bind(callback))(),
  'a function that the namespace bound': (callback) => create().run(() => namespace.bind(callback))(),
  'run of the context that is active already': (callback) =>
    create().run(function () {
      try {
        return this.run(callback);
      } finally {
        assertActive(this);
      }
    }),
  'run of a context that was entered': (callback) => {
    const context = create();
    context.enter();
    try {
      return context.run(callback);
    } finally {
      assertActive(context);
      context.exit();
    }
  },
  'run of the default context': (callback) => outermost.run(callback),
  'run of the default context that is active already': (callback) =>
    outermost.run(() => {
      try {
        return outermost.run(callback);
      } finally {
        assertActive(outermost);
      }
    }),
  'a function that the default context bound': (callback) => outermost.bind(callback)(),
};

/** Makes a call whose callback makes a change, and then returns, throws, or goes on; `check` is for the moments after. */
async function callAndChange(call, change, check) {
  let done = 0;
  call(() => {
    change();
    done++;
  });
  check();
  const fail = () => {
    change();
    done++;
    throw new Error('to be thrown');
  };
  assert.throws(() => call(fail), /to be thrown/);
  check();
  const result = call(async () => {
    change();
    await null;
    done++;
  });
  check();
  await result;
  check();
  while (done < 3) await null;
  check();
}

describe('run and bound functions are scopes', () => {
  for (const [by, call] of Object.entries(calls)) {
    it(`${by}: whatever the callback changes, if it returns, throws or goes on`, async () => {
      for (const change of Object.values(changes)) {
        const outer = namespace.createContext({ of: 'outer' });
        const check = () => {
          assertActive(outer);
          assert.strictEqual(namespace.get('of'), 'outer');
        };
        await outer.run(() => callAndChange(call, change, check));
        assertActive(outermost);
        // There, the default context is not entered, so that it can't be exited either.
        if (by.includes('default') && String(change).includes('exit')) continue;
        await callAndChange(call, change, () => assertActive(outermost));
      }
    });
  }

  it('and what goes on keeps what it entered to its end, as does what was started in between', async () => {
    const [outer, context, inner] = [create(), create(), create()];
    const started = [];
    await outer.run(async () => {
      await context.run(async () => {
        inner.enter();
        started.push(nextTurn().then(() => namespace.active));
        started.push(Promise.resolve().then(() => namespace.active));
        await null;
        assertActive(inner);
        await nextTurn();
        assertActive(inner);
        inner.exit();
        assertActive(context);
      });
      assertActive(outer);
    });
    assertActive(outermost);
    assertSame(await Promise.all(started), [inner, inner]);
  });

  it('and leave what was exited inside entered in the caller', () => {
    const [outer, context] = [create(), create()];
    outer.enter();
    for (const call of [() => context.run(() => outer.exit()), context.bind(() => outer.exit())]) {
      call();
      assertActive(outer);
    }
    outer.exit();
    assertActive(outermost);
  });

  it('and leave alone what was entered and left in other namespaces', () => {
    const [there, entered] = [other.createContext(), other.createContext()];
    const outside = other.active;
    for (const [by, call] of Object.entries(calls)) {
      there.enter();
      call(() => {
        entered.enter();
        there.exit();
      });
      assertActive(entered);
      const fail = () => {
        entered.exit();
        throw new Error('to be thrown');
      };
      assert.throws(() => call(fail), /to be thrown/, by);
      assertActive(outside);
    }
    assertActive(outermost);
  });

  it('and put nothing between what a function enters and what it exits', () => {
    const [a, b, c] = [create(), create(), create()];
    a.enter();
    namespace.run(() => {
      b.enter();
      c.enter();
      b.exit();
      assertActive(c);
    });
    assertActive(a);
    for (const context of [b, c]) assert.throws(() => context.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
    a.exit();
  });
});
