'use strict';

/**
 * Measures a case: `node child.js <case> [opentelemetry]`. Sends to its parent the version of the client, and what code of 100 requests saw at
 * each API of the client, as it is and after the repair.
 */

const { createRequire } = require('node:module');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const { name, ports, folder, withTelemetry } = JSON.parse(process.argv[2]);
const cases = require('./cases');
const { measure } = require('./requests');
const { TELEMETRY, instrument } = require('./telemetry');

/** How long all requests of an API may take together, in milliseconds. */
const PATIENCE = 30_000;

const load = createRequire(path.join(folder, 'package.json'));

async function failLate(what) {
  await delay(PATIENCE, undefined, { ref: false });
  throw new Error(`${what} took more than ${PATIENCE} ms`);
}

async function main() {
  const { client = name, instrumentation, setUp, rows } = cases[name];
  const beside = withTelemetry ? instrument(load, client, instrumentation) : undefined;
  const { stop, ...parts } = await setUp({ load, ports });
  const results = [];
  for (const { kind, api, by, instrumented, ask } of rows) {
    const run = (options, what) => Promise.race([measure(ask, { parts, ...options }), failLate(`${client}, ${api}${what}`)]);
    if (beside) {
      if (instrumented) results.push({ kind, api, by: TELEMETRY, repaired: await run({ beside }, '') });
      continue;
    }
    const plain = await run({}, '');
    const repaired = by && (await run({ isRepaired: true }, `, repaired by ${by}`));
    results.push({ kind, api, by, plain, repaired });
  }
  await stop?.();
  return { version: require(path.join(folder, 'node_modules', client, 'package.json')).version, results };
}

process.on('disconnect', () => process.exit(1));
main().then(
  (result) => process.send(result, () => process.exit()),
  (error) => process.send({ error: error.stack }, () => process.exit(1)),
);
