'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const { watchCollection } = require('../support/collected');
const { assertSame, thrower } = require('../support/contexts');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('bind');
const other = createNamespace('bind.other');
const create = () => namespace.createContext();

describe('bind', () => {
  it('runs the function in the context, whatever calls it and whatever is active there, also in what that starts', async () => {
    const [context, stranger] = [create(), create()];
    const look = async () => [namespace.active, await nextTurn().then(() => namespace.active)];
    const bound = context.bind(look);
    const ofNamespace = context.run(() => namespace.bind(look));
    const seen = [bound(), ofNamespace()];
    stranger.run(() => {
      seen.push(bound(), ofNamespace());
      assertActive(stranger);
    });
    seen.push(nextTurn().then(() => stranger.run(bound)));
    for (const both of await Promise.all(seen)) assertSame(both, [context, context]);
  });

  it('nests the context as it was at bind, shows nothing of the caller, and is left to it', () => {
    const [home, context, stranger] = [{ from: 'home' }, {}, { from: 'stranger', secret: true }].map((values) =>
      namespace.createContext(values),
    );
    const look = () => [namespace.get('from'), namespace.get('secret')];
    const bound = home.run(() => context.bind(look));
    const nested = () => create().run(bound);
    for (const seen of [bound(), stranger.run(bound), stranger.run(nested)]) assert.deepStrictEqual(seen, ['home', undefined]);
    assert.deepStrictEqual(stranger.run(context.bind(look)), [undefined, undefined]);
    const failing = home.run(() =>
      context.bind((exited) => {
        exited.exit();
        create().enter();
        throw new Error('thrown');
      }),
    );
    stranger.run(
      mustCall(() => {
        for (const exited of [home, context]) assert.throws(() => failing(exited), /thrown/);
        assertActive(stranger);
        assert.strictEqual(namespace.get('secret'), true);
      }),
    );
  });

  it('leaves the active contexts of other namespaces to the caller', () => {
    const [at, later] = [other.createContext(), other.createContext()];
    const bound = at.run(() => create().bind(() => other.active));
    assertSame([later.run(bound), bound()], [later, other.active]);
  });

  it("has the caller's `this`, or else the context", () => {
    const context = create();
    const bound = context.bind(function () {
      return this;
    });
    const object = { bound };
    assertSame([object.bound(), bound(), bound.call(null), bound.call('text')], [object, context, context, 'text']);
  });

  it('passes arguments and the result', () => {
    assert.deepStrictEqual(create().bind((...args) => args)(1, 2, 3), [1, 2, 3]);
  });

  it('keeps name and length, as properties of the same kind, whatever Object.prototype has', () => {
    const withName = (name) => Object.defineProperty((first, second) => first + second, 'name', { value: name });
    const callbacks = [
      () => {},
      function named() {},
      (one, ...more) => [one, more],
      ...['bound', '', Symbol('s')].map(withName),
    ];
    const propertiesOf = (callback) => ['name', 'length'].map((key) => Object.getOwnPropertyDescriptor(callback, key));
    for (const callback of callbacks) {
      const expected = propertiesOf(callback);
      assert.deepStrictEqual(propertiesOf(create().bind(callback)), expected);
      for (const key of ['get', 'set', 'enumerable', 'writable']) {
        Object.prototype[key] = () => 'polluted';
        const bound = create().bind(callback);
        delete Object.prototype[key];
        assert.deepStrictEqual(propertiesOf(bound), expected, key);
      }
    }
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
});

describe('fromException', () => {
  /** What comes out of a function. */
  function caught(callback) {
    try {
      callback();
    } catch (error) {
      return error;
    }
    return assert.fail('nothing was thrown');
  }

  it('returns the context that an error was thrown in, of each namespace the innermost one', () => {
    const [outer, inner, there] = [create(), create(), other.createContext()];
    const calls = [
      (callback) => inner.run(callback),
      (callback) => outer.run(() => inner.run(callback)),
      (callback) => outer.run(inner.bind(callback)),
    ];
    for (const call of calls) {
      for (const error of [new Error('thrown'), Object.freeze(new Error('frozen'))]) {
        const keys = Reflect.ownKeys(error);
        assert.strictEqual(
          caught(() => there.run(() => call(thrower(error)))),
          error,
        );
        assertSame([namespace.fromException(error), other.fromException(error)], [inner, there]);
        assert.deepStrictEqual(Reflect.ownKeys(error), keys);
      }
    }
  });

  it('returns the context that a promise was rejected in', async () => {
    const [context, inner] = [create(), create()];
    const fail = (error) => nextTurn().then(thrower(error));
    const [first, second] = [new Error('rejected'), new Error('rejected')];
    await assert.rejects(
      context.run(() => fail(first)),
      first,
    );
    assert.strictEqual(namespace.fromException(first), context);
    const nested = context.run(() => inner.run(() => fail(second)).catch((error) => namespace.fromException(error)));
    assert.strictEqual(await nested, inner);
  });

  it('returns undefined for an error that never came out of a context, and for values that are no objects', () => {
    assert.strictEqual(namespace.fromException(new Error('never')), undefined);
    for (const value of ['text', 1, undefined, null, Symbol('thrown')]) {
      const fail = () => {
        throw value;
      };
      assert.strictEqual(
        caught(() => create().run(fail)),
        value,
      );
      assert.strictEqual(namespace.fromException(value), undefined);
    }
  });

  it('returns the last of the contexts that one error was thrown in', async () => {
    const [first, second] = [create(), create()];
    const error = new Error('shared');
    for (const context of [first, second]) caught(() => context.run(thrower(error)));
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
