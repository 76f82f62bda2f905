'use strict';

/**
 * Counts four kinds of work that take turns, and compares with their own clocks: `node accuracy.js <pieces>`. Writes as JSON by how much the
 * time of each kind differs from its own, and the sum of all rows from the wall time, both as parts.
 */

const { createNamespace, engine } = require('context');
const { start } = require('context/usage');
const { workInKinds } = require('../../test/observing/usage/kinds');

async function main() {
  const namespace = createNamespace('accuracy');
  const usage = start({ namespaces: [namespace], keys: ['kind'] });
  const clock = await workInKinds(namespace, { pieces: Number(process.argv[2]), atATime: 200, steps: 4 });
  usage.stop();
  const rows = usage.by('kind');
  const timeOf = (name) => rows.find(({ row }) => row === name).loopTime;
  const kinds = Object.fromEntries(Object.entries(clock).map(([kind, time]) => [kind, timeOf(kind) / time - 1]));
  const sum = rows.reduce((total, { loopTime }) => total + loopTime, 0) / usage.wallTime - 1;
  console.log(JSON.stringify({ engine, kinds, sum }));
}

main();
