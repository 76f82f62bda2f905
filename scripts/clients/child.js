'use strict';

/**
 * Measures a case: `node child.js <case> [opentelemetry]`. Sends to its parent the version of the client, and what code of 100
 * requests saw at each API of the client, as it is and after the repair.
 */

const { caseOf } = require('./cases');
const { TELEMETRY } = require('./document');
const { instrument } = require('./instrument');
const { load, versionOf } = require('./packages');
const { measure } = require('./requests');

/** How long an API may take for all its requests, in milliseconds. */
const PATIENCE = 30_000;

function orTimeOut(promise, what) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(reject, PATIENCE, new Error(`${what} took more than ${PATIENCE} ms`));
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function main([name, withTelemetry]) {
  const { client, instrumentation, start } = caseOf(name);
  const beside = withTelemetry && instrument(client, instrumentation);
  const { rows, stop } = await start({ load, ports: JSON.parse(process.env.CLIENTS_PORTS) });
  const results = [];
  for (const { kind, api, by, instrumented, ask } of rows) {
    if (beside) {
      if (!instrumented) continue;
      results.push({ kind, api, by: TELEMETRY, repaired: await orTimeOut(measure(ask, { beside }), `${client}, ${api}`) });
      continue;
    }
    const plain = await orTimeOut(measure(ask, {}), `${client}, ${api}`);
    const repaired = by && (await orTimeOut(measure(ask, { isRepaired: true }), `${client}, ${api}, repaired by ${by}`));
    results.push({ kind, api, by, plain, repaired });
  }
  await stop?.();
  return { version: versionOf(client), results, isInstrumented: rows.some(({ instrumented }) => instrumented) };
}

process.on('disconnect', () => process.exit(1));
main(process.argv.slice(2)).then(
  (result) => process.send(result, () => process.exit()),
  (error) => process.send({ error: error.stack }, () => process.exit(1)),
);
