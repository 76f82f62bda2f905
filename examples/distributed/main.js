'use strict';

/** Starts the second process, back.js, and is the first one: serves a few customers at the same time, front.js. */

require('./tracing');

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { isDeepStrictEqual } = require('node:util');

const { serve } = require('./front');

const customers = [
  { id: 'order-1', tenant: 'blue', password: 'sesame' },
  { id: 'order-2', tenant: 'grün & gelb', password: 'mellon' },
  { id: 'order-3', tenant: 'red, "or so"; q=1', password: 'swordfish' },
];

async function main() {
  const back = fork(path.join(__dirname, 'back.js'));
  const failed = once(back, 'exit').then(([code]) => {
    throw new Error(`back.js was over, with code ${code}, before it could be asked`);
  });
  const [port] = await Promise.race([once(back, 'message'), failed]);

  const served = await Promise.all(customers.map((customer) => serve(port, customer)));
  back.disconnect();

  for (const [index, { traceId, spanId, seen }] of served.entries()) {
    const { id, tenant } = customers[index];
    console.log(`The second process saw ${seen.id} of the tenant ${seen.tenant}, and the password ${seen.password}.`);
    if (!isDeepStrictEqual(seen, { id, tenant, traceId, parentSpanId: spanId })) {
      console.error(`It should have seen ${id} of the tenant ${tenant}, no password, in the trace ${traceId}.`);
      process.exitCode = 1;
    }
  }
}

main();
