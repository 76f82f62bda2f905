'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

const { trace } = require('@opentelemetry/api');

const { outgoing, request } = require('./headers');

const tracer = trace.getTracer('front');

/** Asks the second process. Knows nothing of ids and tenants. */
async function ask(port) {
  await nextTurn();
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: outgoing() });
  return response.json();
}

/**
 * Serves a customer's request, with the help of the second process.
 *
 * @param {number} port of the second process
 * @param {{ id: string, tenant: string, password: string }} customer
 * @returns {Promise<{ traceId: string, spanId: string, seen: object }>} the span here, and what the second process saw
 */
function serve(port, customer) {
  return request.run(() => {
    for (const [key, value] of Object.entries(customer)) request.set(key, value);
    return tracer.startActiveSpan('front', async (span) => {
      const seen = await ask(port);
      span.end();
      const { traceId, spanId } = span.spanContext();
      return { traceId, spanId, seen };
    });
  });
}

module.exports = { serve };
