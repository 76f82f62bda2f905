'use strict';

const assert = require('node:assert');

const { cls, newNamespace } = require('./library');

describe('cls: run, runAndReturn, runPromise', () => {
  let namespace;
  beforeEach(() => {
    namespace = newNamespace();
  });

  it('run calls the function in a new context and returns that', () => {
    let seen;
    const context = namespace.run(function (...args) {
      seen = args;
      assert.strictEqual(this, undefined);
      assert.strictEqual(namespace.active, args[0]);
    });
    assert.deepStrictEqual(seen, [context]);
    assert.strictEqual(seen[0], context);
    assert.strictEqual(namespace.active, null);
  });

  it('runAndReturn returns what the function returns', () => {
    const promise = Promise.resolve();
    assert.strictEqual(
      namespace.runAndReturn((context) => namespace.active === context),
      true,
    );
    assert.strictEqual(
      namespace.runAndReturn(() => promise),
      promise,
    );
    assert.strictEqual(
      namespace.runAndReturn(() => {}),
      undefined,
    );
    assert.strictEqual(namespace.active, null);
  });

  it('nest', () => {
    namespace.run((one) => {
      namespace.runAndReturn((two) => {
        assert.strictEqual(Object.getPrototypeOf(two), one);
        namespace.run((three) => assert.strictEqual(Object.getPrototypeOf(three), two));
        assert.strictEqual(namespace.active, two);
      });
      assert.strictEqual(namespace.active, one);
    });
  });

  it('leave the context when the function throws, and write it on the error', () => {
    for (const name of ['run', 'runAndReturn']) {
      const error = new Error('thrown');
      let context;
      const fail = (active) => {
        context = active;
        throw error;
      };
      assert.throws(() => namespace[name](fail), error);
      assert.strictEqual(namespace.active, null);
      assert.strictEqual(namespace.fromException(error), context);
      assert.strictEqual(error[cls.ERROR_SYMBOL], context);
      assert.ok(Object.keys(error).includes(cls.ERROR_SYMBOL));
    }
  });

  it('write the outermost context on an error that comes out of several', () => {
    const error = new Error('thrown');
    let outermost;
    const fail = (context) => {
      outermost = context;
      namespace.run(() => {
        throw error;
      });
    };
    assert.throws(() => namespace.run(fail), error);
    assert.strictEqual(namespace.fromException(error), outermost);
  });

  it('write the inner context on an error that the outer one catches', () => {
    namespace.run(() => {
      namespace.set('where', 'outer');
      try {
        namespace.run(() => {
          namespace.set('where', 'inner');
          throw new Error('thrown');
        });
      } catch (error) {
        assert.strictEqual(namespace.fromException(error).where, 'inner');
      }
      assert.strictEqual(namespace.get('where'), 'outer');
    });
  });

  it('let falsy values be thrown', () => {
    for (const value of [undefined, null, 0, '', false]) {
      let caught = 'nothing';
      try {
        namespace.run(() => {
          throw value;
        });
      } catch (error) {
        caught = error;
      }
      assert.strictEqual(caught, value);
    }
  });

  it('tell nothing of an error that came out of no context', () => {
    assert.strictEqual(namespace.fromException(new Error('elsewhere')), undefined);
  });

  it('fail without a function', () => {
    assert.throws(() => namespace.run(), TypeError);
    assert.throws(() => namespace.runAndReturn(null), TypeError);
    assert.throws(() => newNamespace().runPromise(), TypeError);
    assert.strictEqual(namespace.active, null);
  });

  it('runPromise has the context active across awaits, and the outcome of the promise', async () => {
    const value = {};
    const result = namespace.runPromise(async (context) => {
      namespace.set('key', 'value');
      for (let turn = 0; turn < 3; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        assert.strictEqual(namespace.active, context);
      }
      assert.strictEqual(namespace.get('key'), 'value');
      return value;
    });
    assert.ok(result instanceof Promise);
    assert.strictEqual(await result, value);
  });

  it('runPromise writes the context on the error of a promise that is rejected', async () => {
    const error = new Error('rejected');
    let context;
    const fail = async (active) => {
      context = active;
      await null;
      throw error;
    };
    await assert.rejects(namespace.runPromise(fail), error);
    assert.strictEqual(namespace.fromException(error), context);
  });

  it('runPromise demands a promise', () => {
    for (const value of [undefined, null, 1, {}, { then() {} }]) {
      assert.throws(() => newNamespace().runPromise(() => value), Error);
    }
  });

  it('runPromise takes a promise of any kind, and starts a lazy one in the context', async () => {
    const started = [];
    const lazy = {
      then(onFulfilled, onRejected) {
        started.push(namespace.active);
        return Promise.resolve('result').then(onFulfilled, onRejected);
      },
      catch(onRejected) {
        return this.then(undefined, onRejected);
      },
    };
    let context;
    const result = namespace.runPromise((active) => {
      context = active;
      return lazy;
    });
    assert.strictEqual(await result, 'result');
    assert.deepStrictEqual(started, [context]);
  });
});
