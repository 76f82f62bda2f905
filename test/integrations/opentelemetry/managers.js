'use strict';

const assert = require('node:assert');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
const { AsyncHooksContextManager, AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');

const { ContextManager } = require('context/opentelemetry');

const key = createContextKey('test');

/** Contexts with different values. */
const [one, two, three] = [1, 2, 3].map((value) => ROOT_CONTEXT.setValue(key, value));

/** OpenTelemetry's own managers: what they do is what is expected. */
const oracles = { AsyncHooksContextManager, AsyncLocalStorageContextManager };

/** Calls a function with an enabled manager, and with what makes more. */
async function tryOut(Manager, test) {
  const made = [];
  const make = () => made[made.push(new Manager().enable()) - 1];
  try {
    return await test(make(), make);
  } finally {
    for (const manager of made) manager.disable();
  }
}

/**
 * Tests that our manager does what OpenTelemetry's do.
 *
 * @param {Record<string, (manager: ContextManager, make: () => ContextManager) => unknown[]>} cases by their titles; each returns, or
 *   has a promise of, what it has seen
 * @param {string} [method] that a manager of OpenTelemetry must have to be compared
 */
function compare(cases, method = 'with') {
  for (const [title, test] of Object.entries(cases)) {
    it(title, async () => {
      const seen = await tryOut(ContextManager, test);
      assert.ok(seen.length > 0);
      for (const [name, Manager] of Object.entries(oracles)) {
        if (method in Manager.prototype) assert.deepStrictEqual(seen, await tryOut(Manager, test), name);
      }
    });
  }
}

module.exports = { ContextManager, compare, managers: [ContextManager, ...Object.values(oracles)], one, three, two };
