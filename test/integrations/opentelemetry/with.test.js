'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const { ContextManager, describeEach, key, managers, one, three, two } = require('./managers');

describe('an OpenTelemetry context manager: with, enable and disable', () => {
  describeEach(managers, (make) => {
    it('returns itself from enable and from disable', () => {
      const manager = make();
      assert.strictEqual(manager.enable(), manager);
      assert.strictEqual(manager.disable(), manager);
      assert.strictEqual(manager.disable(), manager);
    });

    it('has the root context active at first', () => {
      assert.strictEqual(make().active(), ROOT_CONTEXT);
    });

    it('has the context active in the function, and the one before it after that', () => {
      const manager = make();
      const seen = [];
      const look = () => seen.push(manager.active());
      manager.with(one, () => {
        look();
        manager.with(two, look);
        look();
        manager.with(ROOT_CONTEXT, look);
        look();
      });
      look();
      assert.deepStrictEqual(seen, [one, two, one, ROOT_CONTEXT, one, ROOT_CONTEXT]);
    });

    it('takes any value for a context, and no context for the root context', () => {
      const manager = make();
      assert.strictEqual(
        manager.with('a string', () => manager.active()),
        'a string',
      );
      for (const none of [undefined, null]) {
        assert.strictEqual(
          manager.with(one, () => manager.with(none, () => manager.active())),
          ROOT_CONTEXT,
        );
      }
    });

    it('passes this, the arguments and the result through', () => {
      const manager = make();
      const self = { a: 'this' };
      function target(...args) {
        return [this, ...args];
      }
      assert.deepStrictEqual(manager.with(one, target, self, 1, two), [self, 1, two]);
      assert.deepStrictEqual(manager.with(one, target, 'primitive'), ['primitive']);
      assert.deepStrictEqual(manager.with(one, target), manager.with(one, target, undefined));
    });

    it('lets an error through, and has the context before active again', () => {
      const manager = make();
      const error = new Error('of the function');
      const caught = manager.with(one, () => {
        try {
          manager.with(two, () => {
            throw error;
          });
        } catch (thrown) {
          return [thrown, manager.active()];
        }
      });
      assert.deepStrictEqual(caught, [error, one]);
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });

    it('returns the very promise or thenable of the function, and does not call its then', async () => {
      const manager = make();
      const promise = Promise.resolve();
      const thenable = { then: () => assert.fail('it was called') };
      assert.strictEqual(
        manager.with(one, () => promise),
        promise,
      );
      assert.strictEqual(
        manager.with(one, () => thenable),
        thenable,
      );
    });

    it('has the context before active as soon as an async function gives a promise', async () => {
      const manager = make();
      const result = manager.with(one, async () => {
        await nextTurn();
        return manager.active();
      });
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
      assert.strictEqual(await result, one);
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });

    it('keeps nested contexts apart across awaits', async () => {
      const manager = make();
      const seen = [];
      await manager.with(one, async () => {
        await manager.with(two, async () => {
          await manager.with(three, async () => {
            await nextTurn();
            seen.push(manager.active());
          });
          seen.push(manager.active());
        });
        seen.push(manager.active());
      });
      seen.push(manager.active());
      assert.deepStrictEqual(seen, [three, two, one, ROOT_CONTEXT]);
    });

    it('gives an async function the context that it was called in, though its caller has gone on', async () => {
      const manager = make();
      let called;
      manager.with(one, () => {
        manager.with(two, () => {
          called = (async () => {
            await null;
            return manager.active();
          })();
        });
      });
      assert.strictEqual(await called, two);
    });

    it('carries the context through timers, immediates, ticks, microtasks and events', async () => {
      const manager = make();
      const starts = {
        setTimeout: (callback) => setTimeout(callback, 1),
        setImmediate,
        nextTick: process.nextTick,
        queueMicrotask,
        then: (callback) => void Promise.resolve().then(callback),
        await: async (callback) => callback(await delay(1)),
      };
      for (const [name, start] of Object.entries(starts)) {
        const seen = await new Promise((resolve) => {
          manager.with(one, () => start(() => resolve(manager.active())));
        });
        assert.strictEqual(seen, one, name);
      }
    });

    it('keeps timers of the same duration apart', async () => {
      const manager = make();
      const started = [one, undefined, two].map((context) => {
        const start = () => delay(2).then(() => manager.active());
        return context === undefined ? start() : manager.with(context, start);
      });
      assert.deepStrictEqual(await Promise.all(started), [one, ROOT_CONTEXT, two]);
    });

    it('keeps concurrent operations apart', async () => {
      const manager = make();
      const contexts = Array.from({ length: 20 }, (_, index) => ROOT_CONTEXT.setValue(key, index));
      const seen = await Promise.all(
        contexts.map((context, index) =>
          manager.with(context, async () => {
            await delay(index % 3);
            const inner = await manager.with(context.setValue(key, -index), async () => {
              await nextTurn();
              return manager.active().getValue(key);
            });
            return [manager.active().getValue(key), inner];
          }),
        ),
      );
      assert.deepStrictEqual(
        seen,
        contexts.map((_, index) => [index, -index]),
      );
    });

    it('is independent of other managers', async () => {
      const manager = make();
      const other = make();
      await manager.with(one, async () => {
        assert.strictEqual(other.active(), ROOT_CONTEXT);
        await other.with(two, async () => {
          await nextTurn();
          assert.deepStrictEqual([manager.active(), other.active()], [one, two]);
          manager.with(three, () => assert.deepStrictEqual([manager.active(), other.active()], [three, two]));
        });
        other.disable();
        assert.deepStrictEqual([manager.active(), other.active()], [one, ROOT_CONTEXT]);
      });
    });

    it('has the root context active if it was disabled', () => {
      const manager = make();
      manager.with(one, () => {
        manager.disable();
        assert.strictEqual(manager.active(), ROOT_CONTEXT);
      });
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });

    it('calls the function while it is disabled, and carries contexts once it is enabled again', async () => {
      const manager = make();
      manager.disable();
      assert.strictEqual(
        manager.with(one, () => manager.active()),
        one,
      );
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
      manager.enable();
      const seen = await manager.with(two, async () => {
        const emitter = new EventEmitter();
        setImmediate(() => emitter.emit('done'));
        await once(emitter, 'done');
        return manager.active();
      });
      assert.strictEqual(seen, two);
    });
  });

  it('has the root context active, once it was disabled, also in what was started before', async () => {
    const manager = new ContextManager();
    const look = async () => {
      const seen = [manager.active()];
      await nextTurn();
      return [...seen, manager.active()];
    };
    const pending = manager.with(one, look);
    const bound = manager.bind(two, look);
    manager.disable();
    assert.deepStrictEqual(await pending, [one, ROOT_CONTEXT]);
    assert.deepStrictEqual(await bound(), [two, two]);
  });

  it('has the root context active if a listener of a bound emitter has disabled it', () => {
    const manager = new ContextManager();
    const seen = [];
    const emitter = manager.bind(one, new EventEmitter());
    emitter.on('event', () => seen.push(manager.active(), manager.disable().active()));
    for (let i = 0; i < 2; i++) emitter.emit('event');
    assert.deepStrictEqual(seen, [one, ROOT_CONTEXT, one, ROOT_CONTEXT]);
  });
});
