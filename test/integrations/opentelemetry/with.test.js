'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const { ContextManager, compare, one, three, two } = require('./managers');

// How contexts follow promises, timers and callbacks is in oracle.test.js; with spans in http.long.test.js and docs.test.js.

describe('our OpenTelemetry context manager does what those of OpenTelemetry do: with, enable and disable', () => {
  compare({
    'returns itself from enable and disable': (manager) =>
      ['enable', 'disable', 'disable'].map((method) => manager[method]() === manager),

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
      return seen;
    },

    'accepts any value as a context; without one the root context is active': (manager) =>
      ['text', undefined, null].map((context) => manager.with(one, () => manager.with(context, () => manager.active()))),

    'passes this, the arguments and the result through': (manager) => {
      const target = function (...args) {
        return [this, ...args];
      };
      // Without a `this` OpenTelemetry's managers differ in what they pass.
      assert.deepStrictEqual(manager.with(one, target), manager.with(one, target, undefined));
      return [[{ a: 'this' }, 1, two], ['primitive']].map((args) => manager.with(one, target, ...args));
    },

    'lets an error through, and has the context before active again': (manager) => {
      const error = new Error('of the function');
      const fail = () => {
        throw error;
      };
      const seen = manager.with(one, () => {
        assert.throws(() => manager.with(two, fail), error);
        return manager.active();
      });
      return [seen, manager.active()];
    },

    'returns the very promise or thenable of the function, and does not call its then': (manager) =>
      [Promise.resolve(), { then: () => assert.fail('it was called') }].map(
        (result) => manager.with(one, () => result) === result,
      ),

    'is independent of other managers': async (manager, make) => {
      const other = make();
      const look = () => [manager.active(), other.active()];
      return manager.with(one, async () => {
        const seen = [look()];
        await other.with(two, async () => {
          await nextTurn();
          seen.push(look(), manager.with(three, look));
        });
        other.disable();
        return [...seen, look()];
      });
    },

    'has the root context active if it was disabled': (manager) => [
      manager.with(one, () => manager.disable().active()),
      manager.active(),
    ],

    'calls the function while it is disabled, and carries contexts once it is enabled again': async (manager) => {
      const look = () => manager.active();
      const seen = [manager.disable().with(one, look), look()];
      const later = await manager.enable().with(two, async () => {
        const emitter = new EventEmitter();
        setImmediate(() => emitter.emit('done'));
        await once(emitter, 'done');
        return look();
      });
      return [...seen, later];
    },
  });
});

describe('our OpenTelemetry context manager does what that of OpenTelemetry does: attach', () => {
  const attach = {
    'makes a context active until the token is disposed of, also while disabled': (manager) =>
      ['enable', 'disable'].map((state) => {
        manager[state]();
        const tokens = [one, two, three].map((context) => manager.attach(context));
        const seen = [manager.active()];
        for (const token of tokens.reverse()) {
          token.dispose();
          seen.push(manager.active());
        }
        return seen;
      }),

    'disposes of a token once': (manager) => {
      const token = manager.attach(one);
      token.dispose();
      return manager.with(two, () => [token.dispose(), manager.active()]);
    },

    'ends with the function that with called, if it was not disposed of there': (manager) => {
      const seen = manager.with(one, () => {
        const token = manager.attach(two);
        const inside = manager.active();
        token.dispose();
        const after = manager.active();
        manager.attach(three);
        return [inside, after];
      });
      return [...seen, manager.active()];
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
      return [await Promise.all([one, two].map(chain)), manager.active()];
    },
  };
  compare(attach, 'attach');
});

describe('our OpenTelemetry context manager', () => {
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
