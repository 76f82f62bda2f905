'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { bind, createNamespace, snapshot } = require('context');

const namespace = createNamespace('other stores');
const other = createNamespace('other stores: another namespace');

/** The ways to call a function in a context. */
const ways = {
  run: (fn) => namespace.createContext().run(fn),
  'namespace.run': (fn) => namespace.run(fn),
  'a bound function': (fn) => namespace.createContext().bind(fn)(),
  'a function bound to all namespaces': (fn) => namespace.run(() => bind(fn))(),
  'a snapshot': (fn) => namespace.run(() => snapshot())(fn),
  'a listener of an added emitter': (fn) => {
    const emitter = namespace.createContext().add(new EventEmitter());
    emitter.on('event', fn);
    emitter.emit('event');
  },
};

describe('what a function enters in the stores of others, when it is called in a context', () => {
  for (const [name, call] of Object.entries(ways)) {
    it(`stays, as if it had been called without: ${name}`, async () => {
      const [changed, left, untouched] = Array.from({ length: 3 }, () => new AsyncLocalStorage());
      const seen = await changed.run('outside', () =>
        untouched.run('untouched', () =>
          left.run('left', async () => {
            call(() => {
              changed.enterWith('inside');
              left.enterWith(undefined);
            });
            const now = [changed, left, untouched].map((store) => store.getStore());
            assert.strictEqual(namespace.isActive(), false);
            await nextTurn();
            assert.strictEqual(namespace.isActive(), false);
            return [now, [changed, left, untouched].map((store) => store.getStore())];
          }),
        ),
      );
      const expected = ['inside', undefined, 'untouched'];
      assert.deepStrictEqual(seen, [expected, expected]);
    });

    it(`stays switched off, if a store is: ${name}`, async () => {
      const [disabled, untouched] = [new AsyncLocalStorage(), new AsyncLocalStorage()];
      const seen = await disabled.run('outside', () =>
        untouched.run('untouched', async () => {
          call(() => namespace.run(() => disabled.disable()));
          const now = [disabled.getStore(), untouched.getStore()];
          await nextTurn();
          return [now, [disabled.getStore(), untouched.getStore()]];
        }),
      );
      const expected = [undefined, 'untouched'];
      assert.deepStrictEqual(seen, [expected, expected]);
    });

    it(`is what it was if nothing was entered: ${name}`, () => {
      const [one, two] = [new AsyncLocalStorage(), new AsyncLocalStorage()];
      one.run('one', () => {
        const context = other.createContext();
        context.run(() => {
          call(() => two.run('two', () => new AsyncResource('resource').runInAsyncScope(() => other.run(() => {}))));
          assert.deepStrictEqual([one.getStore(), two.getStore(), other.active], ['one', undefined, context]);
        });
      });
    });
  }
});
