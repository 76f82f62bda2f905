'use strict';

/**
 * Runs the cases of themes, and prints as JSON what was observed, by the name of the case:
 *
 *   main.js timers oracle       with an AsyncLocalStorage set beside
 *   main.js timers alone        without: nothing but this package can have switched hooks on
 *   main.js timers,http2 tracked   alone, and then again (`tracked`) while somebody observes
 *
 * A third argument is the name of the one case that is to be run.
 */

const { AsyncLocalStorage } = require('node:async_hooks');

const { observe, runCase } = require('./runner');

async function main([themes, mode = 'alone', only]) {
  const all = themes.split(',').flatMap((theme) => require(`./cases/${theme}`));
  const results = {};
  const runAll = async (kind) => {
    for (const testCase of all) {
      if (only !== undefined && testCase.name !== only) continue;
      results[testCase.name] ??= {};
      try {
        const oracle = mode === 'oracle' ? new AsyncLocalStorage() : undefined;
        results[testCase.name][kind] = await runCase(testCase, oracle);
      } catch (error) {
        results[testCase.name].error ??= error.stack;
      }
    }
  };
  await runAll('observed');
  if (mode === 'tracked') {
    observe();
    await runAll('tracked');
  }
  // A case may leave something open that has no way to be closed.
  process.stdout.write(JSON.stringify(results), () => process.exit());
}

main(process.argv.slice(2));
