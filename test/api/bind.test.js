'use strict';

const assert = require('node:assert');

const { createNamespace } = require('context');

const { watchCollection } = require('../support/collected');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('bind');
const create = () => namespace.createContext();

describe('bind', () => {
  it('runs the function in the context, whoever calls it and whatever is active there', async () => {
    const [context, stranger] = [create(), create()];
    const bound = context.bind(mustCall(() => assertActive(context), 3));
    bound();
    stranger.run(
      mustCall(() => {
        bound();
        assertActive(stranger);
      }),
    );
    await new Promise((resolve) => setImmediate(() => stranger.run(() => resolve(bound()))));
  });

  it('nests the context as it was at bind, and shows nothing of the caller', () => {
    const [home, context, stranger] = [create(), create(), create()];
    home.set('from', 'home');
    stranger.set('from', 'stranger');
    stranger.set('secret', true);
    const bound = home.run(() => context.bind(() => [namespace.get('from'), namespace.get('secret')]));
    assert.deepStrictEqual(bound(), ['home', undefined]);
    assert.deepStrictEqual(stranger.run(bound), ['home', undefined]);
    assert.deepStrictEqual(
      stranger.run(() => create().run(bound)),
      ['home', undefined],
    );
    const outermost = context.bind(() => namespace.get('from'));
    assert.strictEqual(stranger.run(outermost), undefined);
  });

  it('leaves the active contexts of other namespaces to the caller', () => {
    const other = createNamespace('bind.other');
    const [context, at, later] = [create(), other.createContext(), other.createContext()];
    const bound = at.run(() => context.bind(() => other.active));
    assert.strictEqual(later.run(bound), later);
    assert.strictEqual(bound(), other.active);
  });

  it('keeps this of its caller, and else has the context', () => {
    const context = create();
    const bound = context.bind(function () {
      return this;
    });
    const object = { bound };
    assert.strictEqual(object.bound(), object);
    assert.strictEqual(bound(), context);
    assert.strictEqual(bound.call(null), context);
    assert.strictEqual(bound.call('text'), 'text');
  });

  it('keeps name and length, as properties of the same kind', () => {
    const withName = (name) => Object.defineProperty((first, second) => first + second, 'name', { value: name });
    const callbacks = [
      () => {},
      function named() {},
      (one, ...others) => [one, others],
      withName('bound'),
      withName(''),
      withName(Symbol('name')),
    ];
    const propertiesOf = (callback) => ['name', 'length'].map((key) => Object.getOwnPropertyDescriptor(callback, key));
    for (const callback of callbacks) {
      assert.deepStrictEqual(propertiesOf(create().bind(callback)), propertiesOf(callback));
    }
  });

  for (const key of ['get', 'set', 'enumerable', 'writable']) {
    it(`keeps name and length if Object.prototype has '${key}'`, () => {
      Object.prototype[key] = () => 'polluted';
      let bound;
      try {
        bound = create().bind(function named(one, two) {
          return [one, two];
        });
      } finally {
        delete Object.prototype[key];
      }
      const { name, length } = Object.getOwnPropertyDescriptors(bound);
      assert.deepStrictEqual(name, { value: 'named', writable: false, enumerable: false, configurable: true });
      assert.deepStrictEqual(length, { value: 2, writable: false, enumerable: false, configurable: true });
    });
  }

  it('passes arguments and the result, and keeps name and length', () => {
    const bound = create().bind(function add(a, b) {
      return [a + b, arguments.length];
    });
    assert.deepStrictEqual(bound(1, 2, 3), [3, 3]);
    assert.strictEqual(bound.name, 'add');
    assert.strictEqual(bound.length, 2);
  });

  it('carries the context on into what the function starts', async () => {
    const context = create();
    const bound = context.bind(async () => {
      await null;
      await new Promise((resolve) => setImmediate(resolve));
      return namespace.active;
    });
    assert.strictEqual(await create().run(bound), context);
  });

  it('gets back to where it was called, whatever the function does', () => {
    const [home, context, caller] = [create(), create(), create()];
    caller.set('of', 'caller');
    const check = (callback) => {
      const bound = home.run(() => context.bind(mustCall(callback)));
      caller.run(
        mustCall(() => {
          bound();
          assertActive(caller);
          assert.strictEqual(namespace.get('of'), 'caller');
        }),
      );
    };
    check(() => context.exit());
    check(() => home.exit());
    check(() => {
      context.exit();
      home.exit();
    });
    check(() => create().enter());
    check(() => {
      context.exit();
      create().enter();
    });
    const failing = context.bind(() => {
      create().enter();
      throw new Error('thrown');
    });
    caller.run(
      mustCall(() => {
        assert.throws(failing, /thrown/);
        assertActive(caller);
      }),
    );
  });

  it('works from within itself', () => {
    const context = create();
    let depth = 0;
    const bound = context.bind(() => {
      assertActive(context);
      if (++depth < 5) bound();
      assertActive(context);
    });
    create().run(bound);
    assert.strictEqual(depth, 5);
  });

  it('is the same as run for a function that is called at once', () => {
    const results = ['run', 'bind'].map((way) => {
      const context = create();
      const seen = [];
      context.on('end', () => seen.push('end', namespace.active === context));
      const callback = function () {
        seen.push(this === context, namespace.active === context);
        return 1;
      };
      seen.push(way === 'run' ? context.run(callback) : context.bind(callback)());
      return seen;
    });
    assert.deepStrictEqual(results[0], results[1]);
  });

  it('of a namespace binds to what is active in it', () => {
    const context = create();
    const bound = context.run(() => namespace.bind(() => namespace.active));
    assert.strictEqual(bound(), context);
    assert.strictEqual(create().run(bound), context);
  });
});

describe('fromException', () => {
  const other = createNamespace('bind.exceptions');
  const thrower = (error) => () => {
    throw error;
  };

  /** What comes out of a function. */
  function caught(callback) {
    try {
      callback();
    } catch (error) {
      return error;
    }
    return assert.fail('nothing was thrown');
  }

  it('tells the context in which an error was thrown', () => {
    const context = create();
    const error = caught(() => context.run(thrower(new Error('thrown'))));
    assert.strictEqual(namespace.fromException(error), context);
    assert.deepStrictEqual(Reflect.ownKeys(error).sort(), ['message', 'stack'].sort());
  });

  it('tells the context in which a promise was rejected', async () => {
    const context = create();
    const error = new Error('rejected');
    const reject = async () => {
      await null;
      throw error;
    };
    await assert.rejects(context.run(reject), error);
    assert.strictEqual(namespace.fromException(error), context);
    const again = new Error('rejected');
    const inner = create();
    const nested = context.run(() => inner.run(async () => thrower(again)()).catch((e) => namespace.fromException(e)));
    assert.strictEqual(await nested, inner);
  });

  it('knows errors of bound functions, and the innermost context of nested ones', () => {
    const [outer, inner, stranger] = [create(), create(), create()];
    const error = caught(() => outer.run(() => inner.run(thrower(new Error('thrown')))));
    assert.strictEqual(namespace.fromException(error), inner);
    const bound = inner.bind(thrower(new Error('thrown')));
    assert.strictEqual(namespace.fromException(caught(() => stranger.run(bound))), inner);
  });

  it('answers for each namespace', () => {
    const [context, there] = [create(), other.createContext()];
    const error = caught(() => context.run(() => there.run(thrower(new Error('thrown')))));
    assert.strictEqual(namespace.fromException(error), context);
    assert.strictEqual(other.fromException(error), there);
  });

  it('works with errors that are frozen', () => {
    const context = create();
    const error = Object.freeze(new Error('frozen'));
    caught(() => context.run(thrower(error)));
    assert.strictEqual(namespace.fromException(error), context);
  });

  it('is undefined for an error that never came out of a context, and for values that are no objects', () => {
    assert.strictEqual(namespace.fromException(new Error('never')), undefined);
    for (const value of ['text', 1, undefined, null, Symbol('thrown')]) {
      assert.strictEqual(
        caught(() => create().run(thrower(value))),
        value,
      );
      assert.strictEqual(namespace.fromException(value), undefined);
    }
  });

  it('goes with the throw, if one error is thrown in several contexts', async () => {
    const [first, second] = [create(), create()];
    const error = new Error('shared');
    caught(() => first.run(thrower(error)));
    caught(() => second.run(thrower(error)));
    assert.strictEqual(namespace.fromException(error), second);
    await assert.rejects(first.run(async () => thrower(error)()));
    assert.strictEqual(namespace.fromException(error), first);
  });

  it('does not keep a context alive', async () => {
    const { watch, collected } = watchCollection();
    for (let i = 0; i < 10; i++) {
      const context = create();
      watch(context);
      caught(() => context.run(thrower(Object.assign(new Error('thrown'), { context }))));
    }
    await collected(9);
  });
});
