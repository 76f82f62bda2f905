'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const { assertSame, thrower } = require('../support/contexts');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('context');
const other = createNamespace('context.other');
const create = () => namespace.createContext();
const outside = namespace.active;
const notEntered = { name: 'Error', code: 'ERR_CONTEXT_NOT_ENTERED', message: /not entered here/ };

/** What is active in a later turn that is started now. */
const activeLater = (of = namespace) => nextTurn().then(() => of.active);

describe('Namespace', () => {
  it('has an active context at any time, which is read-only', () => {
    const context = create();
    assert.throws(() => (namespace.active = context), TypeError);
    assertActive(outside);
    context.run(() => assert.throws(() => (namespace.active = null), TypeError));
  });

  it('creates contexts without entering them', () => {
    const context = create();
    assert.notStrictEqual(create(), context);
    assertActive(outside);
    assert.strictEqual(context.namespace, namespace);
  });

  it('runs a callback in a new context, and passes arguments and the result', () => {
    const result = namespace.run(
      function (...args) {
        assertActive(this);
        assert.notStrictEqual(this, outside);
        return args;
      },
      1,
      2,
    );
    assert.deepStrictEqual(result, [1, 2]);
  });

  it('and Context have no constructor that others may call', () => {
    const [Namespace, Context] = [namespace.constructor, create().constructor];
    for (const construct of [() => new Namespace('mine'), () => new Context(), () => new Context(namespace)]) {
      assert.throws(construct, { name: 'TypeError', code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    }
  });
});

describe('Context', () => {
  it('is an EventEmitter, and does all that one does', () => {
    const context = create();
    const seen = [];
    const listener = (...args) => seen.push(args);
    assert.strictEqual(Object.getPrototypeOf(context.constructor), EventEmitter);
    assert.strictEqual(context.getMaxListeners(), EventEmitter.defaultMaxListeners);
    context.removeListener('event', listener).on('event', listener).once('event', listener);
    assert.deepStrictEqual([context.emit('event', 1), context.emit('event', 2), context.emit('other')], [true, true, false]);
    assert.deepStrictEqual(seen, [[1], [1], [2]]);
    assert.deepStrictEqual(context.off('event', listener).eventNames(), []);
    assert.throws(() => context.emit('error', new Error('unhandled')), /unhandled/);
    assert.deepStrictEqual(Reflect.ownKeys(context.removeAllListeners().bag), []);
  });
});

describe('run', () => {
  it('makes the context active, calls with it as `this`, passes arguments and the result, and leaves it', () => {
    const context = create();
    const callback = function (a, b) {
      assert.strictEqual(this, context);
      assertActive(context);
      return a + b;
    };
    assert.strictEqual(context.run(callback, 1, 2), 3);
    assertActive(outside);
  });

  it('leaves the context if the callback throws, and throws the same error', () => {
    const error = new Error('thrown');
    assert.throws(
      () => create().run(thrower(error)),
      (caught) => caught === error,
    );
    assertActive(outside);
  });

  it('can be repeated, and nested in others and in itself', () => {
    const [a, b] = [create(), create()];
    const nest = ([first, ...rest]) => {
      if (first === undefined) return;
      const before = namespace.active;
      first.run(() => {
        assertActive(first);
        nest(rest);
        assertActive(first);
      });
      assertActive(before);
    };
    for (const contexts of [[a], [a, b, a, a], [a], [b, b, a]]) nest(contexts);
  });
});

describe('enter and exit', () => {
  it('make the context active from here on, also in what is started there, and no longer', async () => {
    const context = create();
    context.enter();
    assertActive(context);
    const inside = activeLater();
    assert.strictEqual(context.exit(), undefined);
    assertActive(outside);
    assertSame(await Promise.all([inside, activeLater()]), [context, outside]);
  });

  it('last for the rest of the running callback', async () => {
    const context = create();
    const seen = await new Promise((resolve) => {
      let inside;
      setImmediate(() => {
        context.enter();
        inside = activeLater();
      });
      setImmediate(() => resolve(Promise.all([inside, namespace.active])));
    });
    assertSame(seen, [context, outside]);
    assertActive(outside);
  });

  it('remove a context from below another one, and leave what was started before as it was', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((from) => namespace.createContext({ from, [from]: true }));
    for (const context of [a, b, c]) context.enter();
    const before = nextTurn().then(() => [namespace.active, ...['a', 'b', 'c'].map((key) => namespace.get(key))]);
    b.exit();
    assertActive(c);
    assert.deepStrictEqual([namespace.get('a'), namespace.get('b')], [true, undefined]);
    a.exit();
    assertActive(c);
    assert.strictEqual(namespace.get('a'), undefined);
    c.exit();
    assertActive(outside);
    assertSame(await before, [c, true, true, true]);
  });

  it('add no frame for the context that is active already', () => {
    const context = create();
    context.enter();
    context.enter();
    context.exit();
    assertActive(outside);
    assert.throws(() => context.exit(), notEntered);
  });

  it('leave the innermost of two entries of one context', () => {
    const [a, b] = [create(), create()];
    for (const context of [a, b, a]) context.enter();
    for (const [context, left] of Object.entries([b, b, outside])) {
      [a, a, b][context].exit();
      assertActive(left);
    }
  });

  it('refuse to exit a context that is not entered here, and change nothing', () => {
    const [a, b] = [create(), create()];
    a.run(
      mustCall(() => {
        assert.throws(() => b.exit(), notEntered);
        assertActive(a);
        a.exit();
        assertActive(outside);
        assert.throws(() => a.exit(), notEntered);
      }),
    );
    assert.throws(() => a.exit(), notEntered);
  });
});

describe('another namespace', () => {
  it('is left alone by run, enter, exit and bind', async () => {
    const [a, b] = [create(), other.createContext()];
    const there = other.active;
    await nextTurn();
    a.run(() => {
      assertActive(there);
      b.run(() => [a, b].forEach(assertActive));
      b.enter();
    });
    [outside, b].forEach(assertActive);
    const bound = a.bind(mustCall(() => [a, b].forEach(assertActive)));
    b.exit();
    b.run(bound);
    assertActive(there);
    a.enter();
    b.enter();
    a.exit();
    [outside, b].forEach(assertActive);
    a.enter();
    b.exit();
    [a, there].forEach(assertActive);
    a.exit();
  });

  it('may be one of more than anybody has', () => {
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

describe('the default context', () => {
  it('is active if no other is, and never null', () => {
    assert.ok(outside instanceof EventEmitter);
    namespace.run(() => assert.notStrictEqual(namespace.active, outside));
    assertActive(outside);
  });

  it('hides all other contexts if it is run, entered or bound', async () => {
    namespace.set('hidden', 'default');
    const look = () => [namespace.active, namespace.get('hidden')];
    const hidden = [outside, 'default'];
    const bound = namespace.bind(look);
    const context = namespace.createContext({ hidden: 'inner' });
    await context.run(async () => {
      await outside.run(async () => {
        assertSame(look(), hidden);
        await null;
        assertSame(look(), hidden);
        namespace.run(() => assert.strictEqual(namespace.get('hidden'), 'default'));
      });
      assertSame([...bound(), ...outside.bind(look)()], [...hidden, ...hidden]);
      outside.enter();
      assertSame(look(), hidden);
      outside.exit();
      assertActive(context);
    });
    assert.throws(() => outside.exit(), notEntered);
    outside.delete('hidden');
  });

  it('never emits end', async () => {
    const ended = () => assert.fail('the default context ended');
    outside.on('end', ended);
    outside.run(() => {});
    outside.bind(() => {})();
    outside.end();
    await outside.run(async () => {});
    await create().run(() => outside.run(async () => {}));
    outside.off('end', ended);
  });
});
