'use strict';

/**
 * Runs the cases of a theme in a process of its own and prints what was observed as JSON, by the name of the case:
 * `main.js timers`, or `main.js timers oracle` to have an AsyncLocalStorage set beside. Without it, nothing but this
 * package can have switched hooks on. `main.js timers oracle setTimeout`, or `main.js timers alone setTimeout`, runs one case.
 */

const { AsyncLocalStorage } = require('node:async_hooks');

const { runCase } = require('./runner');

async function main([theme, beside, only]) {
  const results = {};
  for (const testCase of require(`./cases/${theme}`)) {
    if (only !== undefined && testCase.name !== only) continue;
    try {
      const oracle = beside === 'oracle' ? new AsyncLocalStorage() : undefined;
      results[testCase.name] = { observed: await runCase(testCase, oracle) };
    } catch (error) {
      results[testCase.name] = { error: error.stack };
    }
  }
  // A case may leave something open that has no way to be closed.
  process.stdout.write(JSON.stringify(results), () => process.exit());
}

main(process.argv.slice(2));
