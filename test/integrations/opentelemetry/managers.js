'use strict';

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
const { AsyncHooksContextManager, AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');

const { ContextManager } = require('context/opentelemetry');

const key = createContextKey('test');

/** Contexts, to be told apart by identity. */
const [one, two, three] = [1, 2, 3].map((value) => ROOT_CONTEXT.setValue(key, value));

/**
 * The manager under test, and OpenTelemetry's own ones, which show what the tests expect to be what OpenTelemetry
 * does.
 */
const managers = [ContextManager, AsyncLocalStorageContextManager, AsyncHooksContextManager];

/** Those that have `attach`. */
const attaching = managers.filter((Manager) => 'attach' in Manager.prototype);

/**
 * Describes what holds for each of some managers.
 *
 * @param {Function[]} classes
 * @param {(make: () => import('@opentelemetry/api').ContextManager) => void} define the tests; what `make` has made
 *   is disabled after each
 */
function describeEach(classes, define) {
  for (const Manager of classes) {
    describe(Manager.name, () => {
      const made = [];
      afterEach(() => {
        for (const manager of made.splice(0)) manager.disable();
      });
      define(() => {
        const manager = new Manager().enable();
        made.push(manager);
        return manager;
      });
    });
  }
}

module.exports = { ContextManager, attaching, describeEach, key, managers, one, three, two };
