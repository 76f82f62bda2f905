'use strict';

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
const { AsyncHooksContextManager, AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');

const { ContextManager } = require('context/opentelemetry');

const key = createContextKey('test');

/** Contexts with different values. */
const [one, two, three] = [1, 2, 3].map((value) => ROOT_CONTEXT.setValue(key, value));

/** The manager under test, and OpenTelemetry's own ones: what the tests expect is what OpenTelemetry does. */
const managers = [ContextManager, AsyncLocalStorageContextManager, AsyncHooksContextManager];

/** Those that have `attach`. */
const attaching = managers.filter((Manager) => 'attach' in Manager.prototype);

/**
 * Tests each of some managers.
 *
 * @param {Function[]} classes
 * @param {Record<string, (manager: ContextManager, make: () => ContextManager) => unknown>} cases tests by their titles; each gets
 *   a manager, and a function that makes more
 */
function testEach(classes, cases) {
  for (const Manager of classes) {
    describe(Manager.name, () => {
      const made = [];
      const make = () => made[made.push(new Manager().enable()) - 1];
      afterEach(() => made.splice(0).forEach((manager) => manager.disable()));
      for (const [title, test] of Object.entries(cases)) it(title, () => test(make(), make));
    });
  }
}

module.exports = { ContextManager, attaching, key, managers, one, testEach, three, two };
