'use strict';

const TELEMETRY = 'OpenTelemetry';

/** How an application sets OpenTelemetry up, with one of its instrumentations and our context manager. docs/clients.md shows it. */
function setUp({ NodeTracerProvider, ContextManager, registerInstrumentations, Instrumentation }) {
  new NodeTracerProvider().register({ contextManager: new ContextManager() });
  registerInstrumentations({ instrumentations: [new Instrumentation()] });
}

/**
 * Sets OpenTelemetry up for a client, before that is loaded. Returns what calls a function in a span and a context of OpenTelemetry with an id, and
 * the id of its active context.
 */
function instrument(load, client, name) {
  const { context, createContextKey, trace } = load('@opentelemetry/api');
  const { ContextManager } = require('../../lib/integrations/opentelemetry');
  const { [name]: Instrumentation } = load(`@opentelemetry/instrumentation-${client}`);
  setUp({
    ...load('@opentelemetry/sdk-trace-node'),
    ...load('@opentelemetry/instrumentation'),
    ContextManager,
    Instrumentation,
  });
  const key = createContextKey('id');
  const tracer = trace.getTracer('clients');
  return {
    run: (id, call) => context.with(context.active().setValue(key, id), () => tracer.startActiveSpan('request', call)),
    idNow: () => context.active().getValue(key),
  };
}

module.exports = { TELEMETRY, instrument, setUp };
