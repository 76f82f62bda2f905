'use strict';

require('./tracing');

const http = require('node:http');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { trace } = require('@opentelemetry/api');

const { incoming, request } = require('./headers');

const tracer = trace.getTracer('back');

/** What this process knows of the request that it is serving, without an argument. */
async function look() {
  await nextTurn();
  const { traceId } = trace.getActiveSpan().spanContext();
  return { id: request.get('id'), tenant: request.get('tenant'), password: request.get('password'), traceId };
}

const server = http.createServer((message, response) => {
  incoming(message.headers, () => {
    tracer.startActiveSpan('back', async (span) => {
      const seen = { ...(await look()), parentSpanId: span.parentSpanContext?.spanId };
      span.end();
      response.end(JSON.stringify(seen));
    });
  });
});

server.listen(0, '127.0.0.1', () => process.send(server.address().port));

process.once('disconnect', () => {
  server.close();
  server.closeAllConnections();
});
