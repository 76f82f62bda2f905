'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const engine = require('../../lib/engine');
const { AFTER, BEFORE, SET, observe } = require('../../lib/engine/tracker');
const core = require('../../lib/frames/binding');
const { activeInCore } = require('../support/core-view');
const { serialOf } = require('../../lib/api/context');
const { mustCall } = require('../support/must-call');
const { runNode } = require('../support/child');

const namespace = createNamespace('tracker');

/** Asserts that the core knows what is active, without being asked to look. */
function assertTold() {
  assert.strictEqual(activeInCore(namespace, core.activeRecord()), serialOf(namespace.active));
}

/** Observes while a function runs. */
async function observing(callback, onSwitch) {
  const stop = observe(onSwitch);
  try {
    await callback();
  } finally {
    stop();
  }
}

describe('the tracker', () => {
  it('tells what is entered and left in the middle of a callback', () =>
    observing(() => {
      const [outer, inner] = [namespace.createContext(), namespace.createContext()];
      outer.run(
        mustCall(() => {
          assertTold();
          inner.enter();
          assertTold();
          inner.exit();
          assertTold();
          inner.bind(mustCall(assertTold))();
          assertTold();
        }),
      );
      assertTold();
    }));

  it('tells of a resource that calls back in the middle of another context', () =>
    observing(async () => {
      const resource = namespace.run(() => new AsyncResource('tracker'));
      const hidden = namespace.run(() => Object.assign(new AsyncResource('tracker'), { runInAsyncScope: undefined }));
      const frozen = namespace.run(() => Object.freeze(new AsyncResource('tracker')));
      const outside = new AsyncResource('tracker');
      const snapshot = namespace.run(() => AsyncLocalStorage.snapshot());
      const bound = namespace.run(() => AsyncResource.bind(mustCall(assertTold)));
      await nextTurn();
      namespace.run(
        mustCall(() => {
          resource.runInAsyncScope(mustCall(assertTold));
          assertTold();
          for (const other of [hidden, frozen]) AsyncResource.prototype.runInAsyncScope.call(other, mustCall(assertTold));
          assertTold();
          outside.runInAsyncScope(
            mustCall(() => {
              assert.strictEqual(namespace.isActive(), false);
              assertTold();
              resource.runInAsyncScope(mustCall(assertTold));
              assertTold();
            }),
          );
          assertTold();
          snapshot(mustCall(assertTold));
          assertTold();
          bound();
          assertTold();
        }),
      );
    }));

  it('tells who observes of each switch, after the core', async () => {
    const seen = [];
    await observing(
      async () => {
        const context = namespace.createContext();
        await new Promise((resolve) => {
          context.run(() =>
            setImmediate(() => {
              seen.push('called');
              resolve();
            }),
          );
        });
        await nextTurn();
      },
      (snapshot, kind) => {
        // Outside of all callbacks it is not known what runs.
        const isKnown = snapshot !== undefined || kind !== AFTER;
        assert.ok((isKnown ? [snapshot?.record ?? 0] : [0, -1]).includes(core.activeRecord()));
        seen.push([['set', 'before', 'after'][[SET, BEFORE, AFTER].indexOf(kind)], snapshot?.frame.context !== undefined]);
      },
    );
    const at = seen.indexOf('called');
    assert.deepStrictEqual(seen[0], ['set', false]);
    assert.deepStrictEqual(seen[at - 1], ['before', true]);
    assert.deepStrictEqual(
      seen.slice(at).find(([kind]) => kind === 'after'),
      ['after', false],
    );
  });

  it('tells nothing while what is active stays the same', async () => {
    const told = [];
    await observing(
      async () => {
        const context = namespace.createContext();
        context.run(() => {
          const resource = new AsyncResource('tracker');
          told.length = 0;
          resource.runInAsyncScope(mustCall(assertTold));
          context.run(mustCall(assertTold));
          assert.deepStrictEqual(
            told.filter((snapshot, index) => index > 0 && snapshot === told[index - 1]),
            [],
          );
        });
        await nextTurn();
      },
      (snapshot) => told.push(snapshot),
    );
    const repeated = told.filter((snapshot, index) => index > 0 && snapshot === told[index - 1]);
    assert.deepStrictEqual(repeated, []);
  });

  it('tells at first what is active', () => {
    namespace.run(() => {
      const told = [];
      observe((snapshot) => told.push(snapshot))();
      assert.deepStrictEqual(told, [engine.current()]);
    });
  });

  it('tells nothing any more when all have stopped, and knows nothing', async () => {
    let told = 0;
    const onSwitch = () => told++;
    const [first, second] = [observe(onSwitch), observe(onSwitch)];
    assert.strictEqual(told, 2);
    first();
    first();
    namespace.run(() => assertTold());
    assert.ok(told > 2);
    second();
    const before = told;
    await namespace.run(() => nextTurn());
    assert.strictEqual(told, before);
    assert.strictEqual(core.activeRecord(), 0);
  });

  it('may be stopped by the one that it tells, which others do not notice', async () => {
    const told = [];
    const stops = [observe(() => told.push('first') > 2 && stops[0]()), observe(() => told.push('second'))];
    namespace.run(() => {});
    namespace.run(() => {});
    stops[1]();
    const count = (name) => told.filter((other) => other === name).length;
    assert.ok(count('second') > count('first'), told.join());
  });

  it('leaves nothing behind: no hook, no promise that is tracked', async () => {
    const { code, stdout, stderr } = await runNode(`
      const { createNamespace, engine } = require('context');
      const { observe } = require('./lib/engine/tracker');
      const namespace = createNamespace('tracker');
      const symbols = () => Object.getOwnPropertySymbols(new Promise(() => {})).length;
      namespace.run(() => {});
      const listeners = () => process.listenerCount('uncaughtExceptionMonitor');
      // The engine may have one of its own.
      const before = [symbols(), listeners()].join();
      for (let n = 0; n < 100; n++) {
        const stop = observe();
        namespace.run(() => {});
        stop();
      }
      console.log([symbols(), listeners()].join() === before);
    `);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'true\n');
  });

  it('that starts in the middle of a callback is right in all that come after', async () => {
    const lines = [];
    let stop;
    const inside = new Promise((resolve) => {
      namespace.run(() =>
        setImmediate(() => {
          stop = observe();
          assertTold();
          setImmediate(() => {
            assertTold();
            lines.push('inside');
            resolve();
          });
          new AsyncResource('tracker').runInAsyncScope(assertTold);
          assertTold();
        }),
      );
    });
    const outside = new Promise((resolve) => {
      setImmediate(() =>
        setImmediate(() => {
          lines.push(core.activeRecord());
          resolve();
        }),
      );
    });
    await Promise.all([inside, outside]);
    stop();
    assert.deepStrictEqual(lines, ['inside', 0]);
  });

  it('that starts in a scope of a resource is right in the callback around that', async () => {
    let stop;
    const resource = namespace.run(() => new AsyncResource('tracker'));
    const outer = namespace.createContext();
    await new Promise((resolve) => {
      const callback = mustCall(() => {
        resource.runInAsyncScope(() => {
          stop = observe();
          assertTold();
        });
        assert.strictEqual(namespace.active, outer);
        assertTold();
        resolve();
      });
      outer.run(() => setTimeout(callback, 1));
    });
    await nextTurn();
    assertTold();
    assert.strictEqual(core.activeRecord(), 0);
    stop();
  });

  it('leaves others who have promises tracked as they are, whenever they begin', async () => {
    const { code, stdout, stderr } = await runNode(`
      const assert = require('assert');
      const { createHook, executionAsyncId } = require('async_hooks');
      const { createNamespace } = require('context');
      const { observe } = require('./lib/engine/tracker');
      const core = require('./lib/frames/binding');
      const { activeInCore } = require('./test/support/core-view');
      const { serialOf } = require('./lib/api/context');
      const namespace = createNamespace('tracker');
      const assertTold = () => assert.strictEqual(activeInCore(namespace, core.activeRecord()), serialOf(namespace.active));
      const work = (n) => namespace.run(async () => {
        for (let turn = 0; turn < n; turn++) {
          await null; assertTold();
          await new Promise(setImmediate); assertTold();
        }
      });
      async function main() {
        for (const order of ['before', 'after']) {
          let inits = 0;
          const hook = createHook({ init(id, type) { inits += type === 'PROMISE'; } });
          if (order === 'before') hook.enable();
          const stop = observe();
          const works = [work(5), work(5)];
          if (order === 'after') hook.enable();
          await Promise.all([...works, work(3)]);
          const during = inits;
          hook.disable();
          await work(3);
          stop();
          assert.ok(during > 5, String(during));
          const late = createHook({ init(id, type) { inits += type === 'PROMISE'; } }).enable();
          await null;
          assert.ok(inits > during);
          late.disable();
        }
        console.log('done');
      }
      main();
    `);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'done\n');
  });
});
