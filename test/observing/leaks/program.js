'use strict';

/** Holds contexts in each shape, and prints as JSON what explain() finds. Arguments: a file for a snapshot, if one is to be written. */

const { setTimeout: wait } = require('node:timers/promises');

const { createNamespace } = require('context');
const { start } = require('context/leaks');
const { holdAll } = require('./shapes');

const NOW = { olderThan: 0 };

async function main([file]) {
  const namespace = createNamespace('request');
  const leaks = start({ label: (context) => context.get('name') });
  let alive = 0;
  const registry = new FinalizationRegistry(() => alive--);
  const counts = await holdAll(namespace, (context) => {
    alive++;
    registry.register(context);
  });
  const { groups } = await leaks.explain(NOW);
  // What V8's snapshot has collected is counted in turns of their own.
  for (let turn = 0; turn < 100; turn++) await wait(0);
  const ended = leaks.ended(NOW).reduce((sum, { count }) => sum + count, 0);
  if (file !== undefined) leaks.writeSnapshot(file);
  process.stdout.write(JSON.stringify({ counts, groups, ended, alive }), () => process.exit());
}

main(process.argv.slice(2));
