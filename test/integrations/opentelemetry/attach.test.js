'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const { attaching, describeEach, one, three, two } = require('./managers');

describe('an OpenTelemetry context manager: attach', () => {
  describeEach(attaching, (make) => {
    it('makes a context active until the token is disposed of', () => {
      const manager = make();
      for (const context of [one, two]) {
        const token = manager.attach(context);
        assert.strictEqual(manager.active(), context);
        token.dispose();
        assert.strictEqual(manager.active(), ROOT_CONTEXT);
      }
    });

    it('nests', () => {
      const manager = make();
      const tokens = [one, two, three].map((context) => manager.attach(context));
      const seen = [manager.active()];
      for (const token of tokens.reverse()) {
        token.dispose();
        seen.push(manager.active());
      }
      assert.deepStrictEqual(seen, [three, two, one, ROOT_CONTEXT]);
    });

    it('disposes of a token once', () => {
      const manager = make();
      const token = manager.attach(one);
      token.dispose();
      manager.with(two, () => {
        token.dispose();
        assert.strictEqual(manager.active(), two);
      });
    });

    it('carries the context through promises and callbacks', async () => {
      const manager = make();
      const token = manager.attach(one);
      const inCallback = await new Promise((resolve) => {
        setImmediate(() => resolve(manager.active()));
      });
      const inThen = await Promise.resolve().then(() => manager.active());
      assert.deepStrictEqual([inCallback, inThen, manager.active()], [one, one, one]);
      token.dispose();
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });

    it('lets with and bound functions have their context inside of it', () => {
      const manager = make();
      const token = manager.attach(one);
      const seen = [manager.with(two, () => manager.active()), manager.bind(three, () => manager.active())()];
      seen.push(manager.active());
      token.dispose();
      assert.deepStrictEqual([...seen, manager.active()], [two, three, one, ROOT_CONTEXT]);
    });

    it('ends with the function that with called, if it was not disposed of there', () => {
      const manager = make();
      manager.with(one, () => {
        const token = manager.attach(two);
        assert.strictEqual(manager.active(), two);
        token.dispose();
        assert.strictEqual(manager.active(), one);
        manager.attach(three);
      });
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });

    it('keeps concurrent chains apart', async () => {
      const manager = make();
      const chain = async (context) => {
        await nextTurn();
        const token = manager.attach(context);
        await delay(2);
        const seen = manager.active();
        token.dispose();
        return [seen, manager.active()];
      };
      const seen = await Promise.all([chain(one), chain(two)]);
      assert.deepStrictEqual(seen, [
        [one, ROOT_CONTEXT],
        [two, ROOT_CONTEXT],
      ]);
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });

    it('works while the manager is disabled', () => {
      const manager = make().disable();
      const token = manager.attach(one);
      assert.strictEqual(manager.active(), one);
      token.dispose();
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });
  });
});
