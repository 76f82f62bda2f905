'use strict';

/**
 * Has pg called in three contexts of OpenTelemetry without a span, in which its instrumentation binds nothing, under the finder, which was started by
 * --require: `node instrumented.js <job>`. Sends what was found to its parent.
 */

const { createRequire } = require('node:module');
const path = require('node:path');
const { promisify } = require('node:util');

const { findings } = require('../../lib/observing/finder');
const { postgres } = require('./cases/databases');
const { setUpStores } = require('./stores');

const { ports, folder } = JSON.parse(process.argv[2]);
const load = createRequire(path.join(folder, 'package.json'));

async function main() {
  const { run, idNow } = setUpStores('OpenTelemetry', load);
  const { PgInstrumentation } = load('@opentelemetry/instrumentation-pg');
  load('@opentelemetry/instrumentation').registerInstrumentations({ instrumentations: [new PgInstrumentation()] });
  const { Pool } = load('pg');
  const pool = new Pool({ ...postgres(ports), max: 1 });
  const connect = promisify((done) =>
    pool.connect((error, client, release) => {
      idNow();
      release?.();
      done(error);
    }),
  );
  await Promise.all([1, 2, 3].map((id) => run(id, connect)));
  await pool.end();
  return { results: findings() };
}

main().then(
  (result) => process.send(result, () => process.exit()),
  (error) => process.send({ error: error.stack }, () => process.exit(1)),
);
