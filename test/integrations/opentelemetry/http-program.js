'use strict';

/**
 * Many requests at a time from an instrumented client to an instrumented server, each with spans of the program's
 * own, on few sockets that are kept alive. Prints as JSON how many spans there are of each name, by the names of their ancestors, and
 * how many in each trace. `node http-program.js ContextManager 50` has 50 requests carried by the manager of this name in ./managers.
 */

const { SpanKind, context, propagation, trace } = require('@opentelemetry/api');
const { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } = require('@opentelemetry/core');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');

const { managers } = require('./managers');

const [nameOfManager, requests] = process.argv.slice(2);
const Manager = managers.find(({ name }) => name === nameOfManager);

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register({
  contextManager: new Manager(),
  propagator: new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  }),
});
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });

// Loaded after the instrumentation, which sees to it then.
const { once } = require('node:events');
const http = require('node:http');
const { text } = require('node:stream/consumers');
const { setTimeout: delay } = require('node:timers/promises');

const { createNamespace } = require('context');

const namespace = createNamespace('http');
const tracer = trace.getTracer('program');

/** A span that is over at once. */
function leaf(name, id) {
  tracer.startSpan(name, { attributes: { id } }).end();
}

async function work() {
  await delay(namespace.get('id') % 5);
  await tracer.startActiveSpan('work', async (span) => {
    await new Promise(setImmediate);
    leaf('deep', namespace.get('id'));
    span.end();
  });
}

/** Serves a request in a context of the namespace that is set from the baggage. */
function serve(request, response) {
  namespace.run(() => {
    namespace.set('id', Number(propagation.getActiveBaggage().getEntry('id').value));
    tracer.startActiveSpan('handler', async (span) => {
      const body = await text(request);
      await work();
      leaf('answering', Number(body));
      response.end(body);
      span.end();
    });
  });
}

async function ask(agent, port, id) {
  const baggage = propagation.createBaggage({ id: { value: String(id) } });
  await context.with(propagation.setBaggage(context.active(), baggage), () =>
    tracer.startActiveSpan('asking', { attributes: { id } }, async (span) => {
      await delay(id % 3);
      const request = http.request({ agent, host: '127.0.0.1', method: 'POST', port });
      request.on('response', () => leaf('on response', id));
      request.end(String(id));
      const [response] = await once(request, 'response');
      leaf('answered', Number(await text(response)));
      span.end();
    }),
  );
}

function summary(spans) {
  const [paths, traces] = [{}, {}];
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const nameOf = (span) => (span.kind === SpanKind.INTERNAL ? span.name : SpanKind[span.kind]);
  for (const span of spans) {
    const chain = [span];
    for (let at = span; (at = byId.get(at.parentSpanContext?.spanId));) chain.unshift(at);
    const [root] = chain;
    const [own, { traceId }] = [root, span].map((each) => each.spanContext());
    const isRight = own.traceId === traceId && [undefined, root.attributes.id].includes(span.attributes.id);
    const path = chain.map(nameOf).join(' > ') + (isRight ? '' : ' of another request');
    paths[path] = (paths[path] ?? 0) + 1;
    traces[traceId] = (traces[traceId] ?? 0) + 1;
  }
  return { paths, traces: Object.values(traces) };
}

async function main() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 10 });
  const server = http.createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await Promise.all(Array.from({ length: Number(requests) }, (_, id) => ask(agent, port, id)));
  agent.destroy();
  server.close();
  await once(server, 'close');
  process.stdout.write(JSON.stringify(summary(exporter.getFinishedSpans())));
}

main();
