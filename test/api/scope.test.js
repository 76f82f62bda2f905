'use strict';

const assert = require('node:assert');

const { createNamespace } = require('context');

const { assertActive } = require('../support/core-view');

const namespace = createNamespace('scope');
const other = createNamespace('scope.other');
const create = () => namespace.createContext();

/** By what a callback does in its namespace: each is undone when the call ends. */
const changes = {
  'enters another context': () => create().enter(),
  'enters several, and the first again': () => {
    const [a, b] = [create(), create()];
    a.enter();
    b.enter();
    a.enter();
  },
  'exits its own context': () => namespace.active.exit(),
  'exits its own context, and enters another one': () => {
    namespace.active.exit();
    create().enter();
  },
  'enters the default context': (outermost) => outermost.enter(),
  'runs another context, which enters a third': () => create().run(() => create().enter()),
};

/** By the way to call a function in a context, what calls it. */
const calls = {
  run: (callback) => create().run(callback),
  'namespace.run': (callback) => namespace.run(callback),
  'a bound function': (callback) => create().bind(callback)(),
  'a function that was bound somewhere else': (callback) => create().run(() => create().bind(callback))(),
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
};

describe('run and bound functions are scopes', () => {
  const outermost = namespace.active;

  for (const [by, call] of Object.entries(calls)) {
    for (const [what, change] of Object.entries(changes)) {
      it(`${by}: the callback ${what}, then returns, throws or goes on`, async () => {
        const outer = create();
        outer.set('of', 'outer');
        const check = () => {
          assertActive(outer);
          assert.strictEqual(namespace.get('of'), 'outer');
        };
        let done = 0;
        await outer.run(async () => {
          call(() => {
            change(outermost);
            done++;
          });
          check();
          const fail = () => {
            change(outermost);
            done++;
            throw new Error('to be thrown');
          };
          assert.throws(() => call(fail), /to be thrown/);
          check();
          const result = call(async () => {
            change(outermost);
            await null;
            done++;
          });
          check();
          await result;
          check();
          while (done < 3) await null;
          check();
        });
        assertActive(outermost);
      });
    }
  }

  it('have a function that goes on keep what it entered, to its end', async () => {
    const [context, inner] = [create(), create()];
    const outer = create();
    await outer.run(async () => {
      await context.run(async () => {
        inner.enter();
        await null;
        assertActive(inner);
        await new Promise((resolve) => setImmediate(resolve));
        assertActive(inner);
        inner.exit();
        assertActive(context);
      });
      assertActive(outer);
    });
    assertActive(outermost);
  });

  it('have what was started in between keep what was entered there', async () => {
    const inner = create();
    const started = create().run(() => {
      inner.enter();
      return [
        new Promise((resolve) => setImmediate(() => resolve(namespace.active))),
        Promise.resolve().then(() => namespace.active),
      ];
    });
    assertActive(outermost);
    for (const active of await Promise.all(started)) assert.strictEqual(active, inner);
    assertActive(outermost);
  });

  it('leave what was exited inside entered in the caller, as what they were called in', () => {
    const [outer, context] = [create(), create()];
    outer.enter();
    context.run(() => outer.exit());
    assertActive(outer);
    context.bind(() => outer.exit())();
    assertActive(outer);
    outer.exit();
    assertActive(outermost);
  });

  it('leave alone what was entered and left in other namespaces', () => {
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

  it('put nothing between what a function enters and what it exits', () => {
    const [a, b, c] = [create(), create(), create()];
    a.enter();
    namespace.run(() => {
      b.enter();
      c.enter();
      b.exit();
      assertActive(c);
    });
    assertActive(a);
    assert.throws(() => b.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
    assert.throws(() => c.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
    a.exit();
  });

  it('do not leak what a middleware enters to its caller', () => {
    const users = [];
    const middleware = (name) => {
      namespace.createContext().enter();
      namespace.set('user', name);
    };
    for (const name of ['ada', 'bob']) {
      namespace.run(() => {
        users.push(namespace.get('user'));
        middleware(name);
        users.push(namespace.get('user'));
      });
    }
    assert.deepStrictEqual(users, [undefined, 'ada', undefined, 'bob']);
    assertActive(outermost);
  });
});
