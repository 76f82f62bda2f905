'use strict';

const assert = require('node:assert');

const { runNode } = require('./child');

/**
 * What programs begin with that print, step by step, what is active: `log(step)` prints that, if the core says the same, and
 * `named(name)` makes a context of that name.
 */
const STEPS = `
  const assert = require('assert');
  const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = require('async_hooks');
  const namespace = require('context').createNamespace('steps');
  const { assertActive } = require('./test/support/core-view');
  const log = (step) => {
    assertActive(namespace.active);
    console.log(step, namespace.get('name') ?? 'default');
  };
  const named = (name) => {
    const context = namespace.createContext();
    context.set('name', name);
    return context;
  };
`;

/**
 * Runs a program that has what is above, and must succeed.
 *
 * @param {string} program
 * @returns {Promise<string[]>} the lines that it prints
 */
async function stepsOf(program) {
  const { code, stdout, stderr } = await runNode(STEPS + program);
  assert.strictEqual(code, 0, stderr);
  return stdout.trimEnd().split('\n');
}

module.exports = { STEPS, stepsOf };
