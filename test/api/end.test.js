'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const vm = require('node:vm');

const { createNamespace } = require('context');

const { runNode } = require('../support/child');
const { assertActive } = require('../support/core-view');

const namespace = createNamespace('end');

/** A context, and a list of what was active when it ended. */
function counted() {
  const context = namespace.createContext();
  const ends = [];
  context.on('end', () => {
    assertActive(namespace.active);
    ends.push(namespace.active);
  });
  return [context, ends];
}

/** A promise with its resolve and reject. */
function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/** Asserts what is in a list. By identity: to deepStrictEqual all contexts are equal. */
function assertOnly(list, expected) {
  assert.strictEqual(list.length, 1);
  assert.strictEqual(list[0], expected);
}

describe('the event end', () => {
  it('is emitted by run right after a synchronous callback, with the enclosing context active', () => {
    const outer = namespace.createContext();
    const [context, ends] = counted();
    outer.run(() => {
      assert.strictEqual(
        context.run(() => ends.length),
        0,
      );
      assertOnly(ends, outer);
    });
  });

  it('is emitted by each run and each call of a bound function', () => {
    const [context, ends] = counted();
    context.run(() => {});
    const bound = context.bind(() => {});
    assert.strictEqual(ends.length, 1);
    bound();
    bound();
    assert.strictEqual(ends.length, 3);
  });

  it('is emitted by end()', () => {
    const [context, ends] = counted();
    assert.strictEqual(context.end(), undefined);
    assert.strictEqual(ends.length, 1);
  });

  it('is not emitted by enter and exit', () => {
    const [context, ends] = counted();
    context.enter();
    context.exit();
    assert.strictEqual(ends.length, 0);
  });

  it('is emitted if the callback throws, before the error goes on', () => {
    const [context, ends] = counted();
    const fail = () => {
      throw new Error('thrown');
    };
    assert.throws(() => context.run(fail), /thrown/);
    assertOnly(ends, namespace.active);
  });

  it('is emitted once a native promise has been fulfilled, in the enclosing context', async () => {
    const outer = namespace.createContext();
    const [context, ends] = counted();
    const { promise, resolve } = deferred();
    const result = outer.run(() => {
      const settled = context.run(() => promise);
      assertActive(outer);
      return settled;
    });
    await null;
    assert.strictEqual(ends.length, 0);
    resolve('value');
    assert.strictEqual(await result, 'value');
    assertOnly(ends, outer);
  });

  it('is emitted once a native promise has been rejected, and the caller gets the rejection', async () => {
    const [context, ends] = counted();
    const error = new Error('rejected');
    const result = context.run(async () => {
      await null;
      throw error;
    });
    assert.strictEqual(ends.length, 0);
    await assert.rejects(result, (caught) => caught === error);
    assertOnly(ends, namespace.active);
  });

  it('waits for the promise of a vm context and for one of a class that extends Promise', async () => {
    class Extended extends Promise {}
    for (const start of [() => vm.runInNewContext('Promise.resolve(1)'), () => Extended.resolve(1)]) {
      const [context, ends] = counted();
      const result = context.run(start);
      assert.strictEqual(ends.length, 0);
      assert.strictEqual(await result, 1);
      assert.strictEqual(ends.length, 1);
    }
  });

  it('never touches a thenable: calling its then might start a query', () => {
    class Lazy extends Promise {
      then() {
        assert.fail('the query was started');
      }
    }
    const thenable = { then: () => assert.fail('the query was started') };
    for (const value of [thenable, new Lazy(() => {})]) {
      const [context, ends] = counted();
      assert.strictEqual(
        context.run(() => value),
        value,
      );
      assert.strictEqual(ends.length, 1);
    }
  });

  it('never touches a native promise that has a then of its own, lazy as it may be', async () => {
    const started = [];
    const lazy = {
      method: (promise) => {
        promise.then = (...args) => {
          started.push('method');
          return Promise.prototype.then.apply(Promise.resolve('value'), args);
        };
      },
      getter: (promise) => {
        Object.defineProperty(promise, 'then', {
          get() {
            started.push('getter');
            return (...args) => Promise.prototype.then.apply(Promise.resolve('value'), args);
          },
        });
      },
    };
    for (const [name, make] of Object.entries(lazy)) {
      // It never settles by itself: its then does the work.
      const promise = new Promise(() => {});
      make(promise);
      const [context, ends] = counted();
      const result = context.run(() => promise);
      assert.strictEqual(result, promise);
      assert.strictEqual(context.bind(() => promise)(), promise);
      assert.strictEqual(
        context.run(() => context.run(() => promise)),
        promise,
      );
      assert.deepStrictEqual(started.splice(0), []);
      assert.strictEqual(ends.length, 3);
      // await takes a native promise by itself: it is a call of then that starts the work.
      const outcome = await new Promise((resolve) => void result.then(resolve));
      assert.strictEqual(outcome, 'value');
      assert.ok(started.splice(0).includes(name));
    }
  });

  it('is emitted once by nested entries of one context, with the outermost', () => {
    const [context, ends] = counted();
    const bound = context.bind(() => {});
    context.run(() => {
      context.run(() => context.run(() => {}));
      context.bind(() => {})();
      bound();
      namespace.run(() => context.run(() => context.run(() => {})));
      assert.strictEqual(ends.length, 0);
    });
    assert.strictEqual(ends.length, 1);
  });

  it('is emitted once by entries nested in an asynchronous one', async () => {
    const [context, ends] = counted();
    await context.run(async () => {
      context.run(() => {});
      await null;
      context.run(() => {});
      await context.run(async () => {
        await null;
        context.bind(() => {})();
      });
      assert.strictEqual(ends.length, 0);
    });
    assert.strictEqual(ends.length, 1);
  });

  it('is emitted by each of several entries that go on at a time', async () => {
    const [context, ends] = counted();
    const gates = [deferred(), deferred(), deferred()];
    const results = gates.map(({ promise }) => context.run(() => promise));
    for (const [i, { resolve }] of gates.entries()) {
      resolve();
      await results[i];
      assert.strictEqual(ends.length, i + 1);
    }
    context.run(() => {});
    assert.strictEqual(ends.length, 4);
  });

  it('waits for the entry it was bound in, whoever calls the bound function', async () => {
    const [context, ends] = counted();
    const gate = deferred();
    let bound;
    const result = context.run(() => {
      bound = context.bind(() => {});
      return gate.promise;
    });
    namespace.run(bound);
    assert.strictEqual(ends.length, 0);
    gate.resolve();
    await result;
    assert.strictEqual(ends.length, 1);
    bound();
    assert.strictEqual(ends.length, 2);
  });

  it('is emitted by an entry in a callback that outlived the one it was started in', async () => {
    const [context, ends] = counted();
    await new Promise((resolve) => {
      context.run(() => {
        setImmediate(() => {
          context.run(() => context.run(() => {}));
          resolve();
        });
      });
    });
    assert.strictEqual(ends.length, 2);
  });

  it('comes with the throw of its listener if the callback did not throw', () => {
    const context = namespace.createContext().on('end', () => {
      throw new Error('listener');
    });
    assert.throws(() => context.run(() => {}), /listener/);
    assertActive(namespace.active);
  });

  const uncaught = (program) =>
    runNode(`
      const namespace = require('context').createNamespace('end');
      const context = namespace.createContext().on('end', () => { throw new Error('listener'); });
      process.on('uncaughtException', (error, origin) => console.log('uncaught', error.message, origin));
      process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
      ${program}
    `);

  it('loses neither error if callback and listener both throw', async () => {
    const { stdout } = await uncaught(`
      try {
        context.run(() => { throw new Error('callback'); });
      } catch (error) {
        console.log('caught', error.message);
      }
    `);
    assert.strictEqual(stdout, 'caught callback\nuncaught listener uncaughtException\n');
  });

  it('loses neither error if callback and listener fail later', async () => {
    const { stdout } = await uncaught(`
      context.run(async () => { throw new Error('callback'); }).catch((error) => console.log('caught', error.message));
    `);
    assert.deepStrictEqual(stdout.split('\n').sort(), ['', 'caught callback', 'uncaught listener uncaughtException']);
  });

  it('changes nothing about the outcome of a promise if its listener throws', async () => {
    const { stdout } = await uncaught(`context.run(async () => 'value').then((value) => console.log('fulfilled', value));`);
    assert.deepStrictEqual(stdout.split('\n').sort(), ['', 'fulfilled value', 'uncaught listener uncaughtException']);
  });

  it('leaves an unhandled rejection to be reported once', async () => {
    const { stdout } = await runNode(`
      const namespace = require('context').createNamespace('end');
      const context = namespace.createContext();
      process.on('unhandledRejection', (error) => console.log('unhandled', error.message, namespace.active === context));
      context.run(async () => { throw new Error('callback'); });
    `);
    assert.strictEqual(stdout, 'unhandled callback true\n');
  });

  it('can be waited for', async () => {
    const context = namespace.createContext();
    const ended = once(context, 'end');
    context.run(() => {});
    assert.deepStrictEqual(await ended, []);
  });
});

describe('a context that a listener of end enters', () => {
  it('is left with a synchronous run, as the listener is inside of that', () => {
    const [outer, context, entered] = [1, 2, 3].map(() => namespace.createContext());
    let calls = 0;
    context.on('end', () => {
      entered.enter();
      assertActive(entered);
      calls++;
    });
    outer.run(() => {
      context.run(() => {});
      assertActive(outer);
      context.bind(() => {})();
      assertActive(outer);
      assert.throws(
        () =>
          context.run(() => {
            throw new Error('thrown');
          }),
        /thrown/,
      );
      assertActive(outer);
    });
    assert.strictEqual(calls, 3);
  });

  it('is seen by nobody but the listener after an asynchronous run', async () => {
    const [outer, context, entered] = [1, 2, 3].map(() => namespace.createContext());
    let started;
    context.on('end', () => {
      entered.enter();
      assertActive(entered);
      started = new Promise((resolve) => setImmediate(() => resolve(namespace.active)));
    });
    context.on('end', () => assertActive(entered));
    await outer.run(async () => {
      const gate = deferred();
      const others = [
        new Promise((resolve) => setImmediate(() => resolve(namespace.active))),
        Promise.resolve().then(() => namespace.active),
      ];
      const result = context.run(() => gate.promise);
      result.then(() => assertActive(outer));
      gate.resolve();
      await result;
      assertActive(outer);
      for (const active of await Promise.all(others)) assert.strictEqual(active, outer);
      await null;
      assertActive(outer);
    });
    assert.strictEqual(await started, entered);
    assertActive(namespace.active);
  });
});

describe("the proposal's tracer", () => {
  it('harvests a transaction with all that was annotated on its way', async () => {
    const tracer = createNamespace('end.tracer');
    const harvested = [];
    const annotate = (name, value) => tracer.active.set(name, value);
    const handle = (callback) => {
      const trace = tracer.createContext();
      trace.on('end', () => harvested.push({ ...trace.bag }));
      return trace.run(callback);
    };
    await Promise.all(
      [1, 2, 3].map((id) =>
        handle(async () => {
          annotate('id', id);
          await new Promise((resolve) => setImmediate(resolve));
          annotate('later', id * 10);
        }),
      ),
    );
    assert.deepStrictEqual(
      harvested,
      [1, 2, 3].map((id) => ({ id, later: id * 10 })),
    );
  });
});
