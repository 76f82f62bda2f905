'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { createNamespace } = require('context');

const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('context');
const create = () => namespace.createContext();
const notFunctions = [undefined, null, 1, 'text', {}, []];

describe('Namespace', () => {
  it('has an active context at any time, which cannot be written to', () => {
    const context = create();
    assert.strictEqual(namespace.active, namespace.active);
    assert.throws(() => (namespace.active = context), TypeError);
    assert.notStrictEqual(namespace.active, context);
    context.run(
      mustCall(() => {
        assert.throws(() => (namespace.active = null), TypeError);
        assertActive(context);
      }),
    );
  });

  it('creates contexts without entering them', () => {
    const before = namespace.active;
    const context = create();
    assert.notStrictEqual(create(), context);
    assertActive(before);
    assert.strictEqual(context.namespace, namespace);
  });

  it('runs a callback in a new context, and passes arguments and the result', () => {
    const before = namespace.active;
    let seen;
    const result = namespace.run(
      function (...args) {
        seen = this;
        assertActive(this);
        return args;
      },
      1,
      2,
      3,
    );
    assert.deepStrictEqual(result, [1, 2, 3]);
    assert.notStrictEqual(seen, before);
    assert.ok(seen instanceof EventEmitter);
  });

  it('is made by createNamespace alone', () => {
    assert.throws(() => new namespace.constructor('mine'), { name: 'TypeError', code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  });

  for (const callback of notFunctions) {
    it(`refuses to run or bind ${String(callback)}, and creates no context for it`, () => {
      const { created, entered } = require('context').stats().namespaces.context;
      for (const use of [() => namespace.run(callback), () => namespace.bind(callback), () => create.call().run(callback)]) {
        assert.throws(use, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /^callback must be a function/ });
      }
      assert.throws(() => create().bind(callback), { code: 'ERR_INVALID_ARG_TYPE' });
      const after = require('context').stats().namespaces.context;
      assert.deepStrictEqual({ created: after.created - 2, entered: after.entered }, { created, entered });
    });
  }
});

describe('Context', () => {
  it('is an EventEmitter made by createContext alone', () => {
    const context = create();
    assert.ok(context instanceof EventEmitter);
    assert.strictEqual(Object.getPrototypeOf(context.constructor), EventEmitter);
    assert.throws(() => new context.constructor(), { name: 'TypeError', code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    assert.throws(() => new context.constructor(namespace), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  });

  it('does all that an EventEmitter does', () => {
    const context = create();
    const seen = [];
    const listener = (...args) => seen.push(args);
    assert.strictEqual(context.emit('event'), false);
    assert.deepStrictEqual(context.eventNames(), []);
    assert.strictEqual(context.getMaxListeners(), EventEmitter.defaultMaxListeners);
    assert.strictEqual(context.removeListener('event', listener), context);
    assert.strictEqual(context.on('event', listener).once('event', listener), context);
    assert.strictEqual(context.listenerCount('event'), 2);
    assert.strictEqual(context.emit('event', 1), true);
    context.emit('event', 2);
    assert.deepStrictEqual(seen, [[1], [1], [2]]);
    context.off('event', listener);
    assert.deepStrictEqual(context.eventNames(), []);
    assert.throws(() => context.emit('error', new Error('unhandled')), /unhandled/);
    assert.deepStrictEqual(Reflect.ownKeys(context.removeAllListeners().bag), []);
  });

  describe('run', () => {
    it('makes the context active, calls with it as this, and passes arguments and the result', () => {
      const context = create();
      const before = namespace.active;
      const result = context.run(
        function (a, b) {
          assert.strictEqual(this, context);
          assertActive(context);
          return a + b;
        },
        1,
        2,
      );
      assert.strictEqual(result, 3);
      assertActive(before);
    });

    it('leaves the context if the callback throws, and passes the error on', () => {
      const context = create();
      const before = namespace.active;
      const error = new Error('thrown');
      assert.throws(
        () =>
          context.run(() => {
            throw error;
          }),
        (caught) => caught === error,
      );
      assertActive(before);
    });

    it('can be repeated, and nested in others and in itself', () => {
      const [a, b] = [create(), create()];
      a.run(() => {
        b.run(() => {
          a.run(() => {
            assertActive(a);
            a.run(mustCall(() => assertActive(a)));
            assertActive(a);
          });
          assertActive(b);
        });
        assertActive(a);
      });
      a.run(mustCall(() => assertActive(a)));
      assertActive(namespace.active);
    });

    it('does not mind a callback that exits the context by itself', () => {
      const outer = create();
      outer.run(() => {
        const context = create();
        context.run(
          mustCall(() => {
            context.exit();
            assertActive(outer);
          }),
        );
        assertActive(outer);
        assert.throws(() => context.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
      });
    });
  });

  describe('enter and exit', () => {
    it('make the context active from here on, and take it off again', () => {
      namespace.run(
        mustCall(() => {
          const before = namespace.active;
          const context = create();
          context.enter();
          assertActive(context);
          assert.strictEqual(context.exit(), undefined);
          assertActive(before);
        }),
      );
    });

    it('carry the context into what is started in between, and not into what comes after', async () => {
      const context = create();
      const before = namespace.active;
      context.enter();
      const inside = new Promise((resolve) => setImmediate(() => resolve(namespace.active)));
      context.exit();
      const outside = new Promise((resolve) => setImmediate(() => resolve(namespace.active)));
      assert.strictEqual(await inside, context);
      assert.strictEqual(await outside, before);
    });

    it('last for the rest of the running callback', async () => {
      const context = create();
      const seen = [];
      await new Promise((resolve) => {
        setImmediate(() => {
          context.enter();
          setImmediate(() => seen.push(namespace.active));
        });
        setImmediate(() => seen.push(namespace.active));
        setImmediate(() => setImmediate(() => setImmediate(resolve)));
      });
      assert.strictEqual(seen[0], namespace.active);
      assert.strictEqual(seen[1], context);
      assertActive(seen[0]);
    });

    it('take a context out from under another one', () => {
      const [a, b, c] = [create(), create(), create()];
      const outer = namespace.active;
      a.set('from', 'a');
      b.set('from', 'b');
      a.enter();
      b.enter();
      c.enter();
      b.exit();
      assertActive(c);
      assert.strictEqual(namespace.get('from'), 'a');
      a.exit();
      assertActive(c);
      assert.strictEqual(namespace.get('from'), undefined);
      c.exit();
      assertActive(outer);
    });

    it('add no frame for the context that is active already', () => {
      const context = create();
      const outer = namespace.active;
      context.enter();
      context.enter();
      context.exit();
      assertActive(outer);
      assert.throws(() => context.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
    });

    it('take the innermost of two entries of one context off', () => {
      const [a, b] = [create(), create()];
      const outer = namespace.active;
      a.enter();
      b.enter();
      a.enter();
      a.exit();
      assertActive(b);
      a.exit();
      assertActive(b);
      b.exit();
      assertActive(outer);
    });

    it('refuse to exit a context that is not entered here, and change nothing', () => {
      const [a, b] = [create(), create()];
      a.run(
        mustCall(() => {
          assert.throws(() => b.exit(), { name: 'Error', code: 'ERR_CONTEXT_NOT_ENTERED', message: /not entered here/ });
          assertActive(a);
        }),
      );
      assert.throws(() => a.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
    });

    it('leave a snapshot alone that was taken before', async () => {
      const [a, b] = [create(), create()];
      a.enter();
      b.enter();
      const both = new Promise((resolve) => setImmediate(() => resolve([namespace.active, namespace.get('from')])));
      a.set('from', 'a');
      a.exit();
      b.exit();
      const [active, from] = await both;
      assert.strictEqual(active, b);
      assert.strictEqual(from, 'a');
    });
  });

  describe('of another namespace', () => {
    const other = createNamespace('context.other');

    it('is left alone by run, enter, exit and bind', () => {
      const [a, b] = [create(), other.createContext()];
      const [here, there] = [namespace.active, other.active];
      a.run(() => {
        assertActive(there);
        b.run(
          mustCall(() => {
            assertActive(a);
            assertActive(b);
          }),
        );
        b.enter();
      });
      assertActive(here);
      assertActive(b);
      const bound = a.bind(mustCall(() => assertActive(b)));
      b.exit();
      b.run(bound);
      assertActive(there);
    });

    it('can be entered and left in crossed order', () => {
      const [a, b] = [create(), other.createContext()];
      const [here, there] = [namespace.active, other.active];
      a.enter();
      b.enter();
      a.exit();
      assertActive(here);
      assertActive(b);
      a.enter();
      b.exit();
      assertActive(a);
      assertActive(there);
      a.exit();
      assertActive(here);
    });

    it('keeps an entry that was made in a run of the first one', async () => {
      const [a, b] = [create(), other.createContext()];
      await new Promise((resolve, reject) => {
        setImmediate(() => {
          try {
            const here = namespace.active;
            a.run(() => b.enter());
            assertActive(b);
            assertActive(here);
            resolve();
          } catch (error) {
            reject(error);
          }
        });
      });
      assert.notStrictEqual(other.active, b);
    });

    it('works for more namespaces than anybody has', () => {
      const many = Array.from({ length: 200 }, (_, i) => createNamespace(`context.many.${i}`));
      const contexts = many.map((one) => one.createContext());
      const check = (active) => many.forEach((one, i) => assert.strictEqual(one.active === contexts[i], active));
      const nest = (i) => (i === contexts.length ? check(true) : contexts[i].run(() => nest(i + 1)));
      nest(0);
      check(false);
      contexts.forEach((context) => context.enter());
      check(true);
      contexts.forEach(assertActive);
      contexts.forEach((context) => context.exit());
      check(false);
    });
  });
});
