'use strict';

const assert = require('node:assert');

const { cls, newNamespace } = require('./library');

describe('cls: the registry', () => {
  it('has five exports', () => {
    const names = ['ERROR_SYMBOL', 'createNamespace', 'destroyNamespace', 'getNamespace', 'reset'];
    assert.deepStrictEqual(Object.keys(cls).sort(), names);
    assert.strictEqual(cls.ERROR_SYMBOL, 'error@context');
  });

  it('makes a namespace with its name, a number as id, and no active context, and finds it', () => {
    const namespace = cls.createNamespace('registry');
    const { name, id, active } = namespace;
    assert.deepStrictEqual([name, typeof id, active, String(namespace)], ['registry', 'number', null, '[object Object]']);
    assert.strictEqual(cls.getNamespace('registry'), namespace);
    assert.strictEqual(cls.getNamespace('missing'), undefined);
    for (const none of [undefined, null, '', 0]) assert.throws(() => cls.createNamespace(none), { code: 'ERR_ASSERTION' });
  });

  it('replaces a namespace that is made again; the old one works on, apart from the new one', () => {
    const [old, young] = [1, 2].map(() => cls.createNamespace('again'));
    assert.notStrictEqual(young, old);
    assert.strictEqual(cls.getNamespace('again'), young);
    old.run((outer) => {
      old.set('key', 'old');
      assert.strictEqual(young.active, null);
      young.run(() => {
        young.set('key', 'young');
        assert.deepStrictEqual([old.active === outer, old.get('key'), young.get('key')], [true, 'old', 'young']);
      });
      assert.deepStrictEqual([old.active === outer, old.get('key'), young.active], [true, 'old', null]);
    });
  });

  it('destroys a namespace', async () => {
    await null; // the ids of cls-hooked's namespaces are 0 before
    cls.createNamespace('destroyed');
    assert.strictEqual(cls.destroyNamespace('destroyed'), undefined);
    assert.ok(!cls.getNamespace('destroyed'));
    for (const name of ['destroyed', 'never made']) {
      assert.throws(() => cls.destroyNamespace(name), { code: 'ERR_ASSERTION' });
    }
  });
});

describe('cls: run and runAndReturn', () => {
  let namespace;
  beforeEach(() => (namespace = newNamespace()));
  afterEach(() => assert.strictEqual(namespace.active, null));

  it('run calls the function in a new context and returns that', () => {
    let seen;
    const context = namespace.run(function (...args) {
      seen = [this, namespace.active, ...args];
    });
    assert.ok(seen.length === 3 && seen[0] === undefined && seen[1] === context && seen[2] === context);
  });

  it('runAndReturn returns what the function returns', () => {
    assert.ok(namespace.runAndReturn((context) => namespace.active === context));
    for (const value of [Promise.resolve(), undefined]) {
      const returned = namespace.runAndReturn(() => value);
      assert.strictEqual(returned, value);
    }
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
    assert.strictEqual(namespace.fromException(new Error('elsewhere')), undefined);
  });

  it('write the outermost context on an error that comes out of several, the inner one if the outer one catches it', () => {
    const error = new Error('thrown');
    const fail = () => {
      throw error;
    };
    namespace.run(() => {
      namespace.set('where', 'outer');
      const runInner = () => {
        namespace.set('where', 'middle');
        namespace.run(() => {
          namespace.set('where', 'inner');
          assert.throws(() => namespace.runAndReturn(() => namespace.set('where', 'innermost') && fail()), error);
          assert.strictEqual(namespace.fromException(error).where, 'innermost');
          fail();
        });
      };
      assert.throws(() => namespace.run(runInner), error);
      assert.strictEqual(namespace.fromException(error).where, 'middle');
      assert.strictEqual(namespace.get('where'), 'outer');
    });
  });

  it('fail without a function', () => {
    assert.throws(() => namespace.run(), TypeError);
    assert.throws(() => namespace.runAndReturn(null), TypeError);
  });
});

describe('cls: runPromise', () => {
  // What cls-hooked leaves entered behind it is in better.test.js.
  let namespace;
  beforeEach(() => (namespace = newNamespace()));

  it('has the context active across awaits, and the outcome of the promise', async () => {
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

  it('writes the context on the error of a promise that is rejected', async () => {
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

  it('needs a function and a promise, of any kind, and starts a lazy one in the context', async () => {
    assert.throws(() => newNamespace().runPromise(), TypeError);
    for (const value of [undefined, null, 1, {}, { then() {} }]) {
      assert.throws(() => newNamespace().runPromise(() => value), Error);
    }
    const seen = [];
    const lazy = {
      then(onFulfilled, onRejected) {
        seen.push(namespace.active);
        return Promise.resolve('result').then(onFulfilled, onRejected);
      },
      catch(onRejected) {
        return this.then(undefined, onRejected);
      },
    };
    const result = namespace.runPromise((active) => {
      seen.push(active);
      return lazy;
    });
    assert.strictEqual(await result, 'result');
    assert.ok(seen.length === 2 && seen[0] === seen[1]);
  });
});
