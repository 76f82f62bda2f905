'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const { ContextManager, attaching, managers, one, testEach, three, two } = require('./managers');

// How contexts follow promises, timers and callbacks is in oracle.test.js and tracing.test.js.

describe('an OpenTelemetry context manager: with, enable and disable', () => {
  testEach(managers, {
    'returns itself from enable and disable': (manager) => {
      assert.strictEqual(manager.enable(), manager);
      assert.strictEqual(manager.disable(), manager);
      assert.strictEqual(manager.disable(), manager);
    },

    'has the context active in the function, and the one before it after that': (manager) => {
      const seen = [];
      const look = () => seen.push(manager.active());
      look();
      manager.with(one, () => {
        look();
        manager.with(two, look);
        look();
        manager.with(ROOT_CONTEXT, look);
        look();
      });
      look();
      assert.deepStrictEqual(seen, [ROOT_CONTEXT, one, two, one, ROOT_CONTEXT, one, ROOT_CONTEXT]);
    },

    'accepts any value as a context; without one the root context is active': (manager) => {
      const activeIn = (context) => manager.with(one, () => manager.with(context, () => manager.active()));
      assert.deepStrictEqual(['text', undefined, null].map(activeIn), ['text', ROOT_CONTEXT, ROOT_CONTEXT]);
    },

    'passes this, the arguments and the result through': (manager) => {
      const self = { a: 'this' };
      function target(...args) {
        return [this, ...args];
      }
      assert.deepStrictEqual(manager.with(one, target, self, 1, two), [self, 1, two]);
      assert.deepStrictEqual(manager.with(one, target, 'primitive'), ['primitive']);
      assert.deepStrictEqual(manager.with(one, target), manager.with(one, target, undefined));
    },

    'lets an error through, and has the context before active again': (manager) => {
      const error = new Error('of the function');
      const fail = () => {
        throw error;
      };
      manager.with(one, () => {
        assert.throws(() => manager.with(two, fail), error);
        assert.strictEqual(manager.active(), one);
      });
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    },

    'returns the very promise or thenable of the function, and does not call its then': (manager) => {
      for (const result of [Promise.resolve(), { then: () => assert.fail('it was called') }]) {
        assert.strictEqual(
          manager.with(one, () => result),
          result,
        );
      }
    },

    'is independent of other managers': async (manager, make) => {
      const other = make();
      const look = () => [manager.active(), other.active()];
      await manager.with(one, async () => {
        assert.deepStrictEqual(look(), [one, ROOT_CONTEXT]);
        await other.with(two, async () => {
          await nextTurn();
          assert.deepStrictEqual(look(), [one, two]);
          assert.deepStrictEqual(manager.with(three, look), [three, two]);
        });
        other.disable();
        assert.deepStrictEqual(look(), [one, ROOT_CONTEXT]);
      });
    },

    'has the root context active if it was disabled': (manager) => {
      const seen = manager.with(one, () => manager.disable().active());
      assert.deepStrictEqual([seen, manager.active()], [ROOT_CONTEXT, ROOT_CONTEXT]);
    },

    'calls the function while it is disabled, and carries contexts once it is enabled again': async (manager) => {
      const look = () => manager.active();
      assert.strictEqual(manager.disable().with(one, look), one);
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
      const seen = await manager.enable().with(two, async () => {
        const emitter = new EventEmitter();
        setImmediate(() => emitter.emit('done'));
        await once(emitter, 'done');
        return look();
      });
      assert.strictEqual(seen, two);
    },
  });

  it('has the root context active, once it was disabled, also in what was started before', async () => {
    const manager = new ContextManager();
    const look = async () => [manager.active(), await nextTurn().then(() => manager.active())];
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

describe('an OpenTelemetry context manager: attach', () => {
  testEach(attaching, {
    'makes a context active until the token is disposed of, also while disabled': (manager) => {
      for (const state of ['enable', 'disable']) {
        manager[state]();
        const tokens = [one, two, three].map((context) => manager.attach(context));
        const seen = [manager.active()];
        for (const token of tokens.reverse()) {
          token.dispose();
          seen.push(manager.active());
        }
        assert.deepStrictEqual(seen, [three, two, one, ROOT_CONTEXT], state);
      }
    },

    'disposes of a token once': (manager) => {
      const token = manager.attach(one);
      token.dispose();
      manager.with(two, () => {
        token.dispose();
        assert.strictEqual(manager.active(), two);
      });
    },

    'ends with the function that with called, if it was not disposed of there': (manager) => {
      manager.with(one, () => {
        const token = manager.attach(two);
        assert.strictEqual(manager.active(), two);
        token.dispose();
        assert.strictEqual(manager.active(), one);
        manager.attach(three);
      });
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    },

    'keeps concurrent chains apart, which dispose of their tokens later': async (manager) => {
      const chain = async (context) => {
        await nextTurn();
        const token = manager.attach(context);
        await delay(2);
        const seen = manager.active();
        token.dispose();
        return [seen, manager.active()];
      };
      const seen = await Promise.all([one, two].map(chain));
      assert.deepStrictEqual(seen.flat(), [one, ROOT_CONTEXT, two, ROOT_CONTEXT]);
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    },
  });
});
