'use strict';

const { ContextManager } = require('../../lib/integrations/opentelemetry');
const { load } = require('./packages');

/**
 * Sets OpenTelemetry up as an application does, with one of its instrumentations and our context manager. Comes before the client
 * is loaded.
 *
 * @param {string} client
 * @param {string} name of its instrumentation
 * @returns {{ run: (id: string, callback: Function) => unknown, idNow: () => string | undefined }} calls a function in a span and a
 *   context of OpenTelemetry that has an id, and tells the id of its active context
 */
function instrument(client, name) {
  const { context, createContextKey, trace } = load('@opentelemetry/api');
  const { NodeTracerProvider } = load('@opentelemetry/sdk-trace-node');
  const { registerInstrumentations } = load('@opentelemetry/instrumentation');
  const { [name]: Instrumentation } = load(`@opentelemetry/instrumentation-${client}`);
  //#region set-up
  new NodeTracerProvider().register({ contextManager: new ContextManager() });
  registerInstrumentations({ instrumentations: [new Instrumentation()] });
  //#endregion
  const key = createContextKey('id');
  const tracer = trace.getTracer('clients');
  return {
    run: (id, callback) => context.with(context.active().setValue(key, id), () => tracer.startActiveSpan('request', callback)),
    idNow: () => context.active().getValue(key),
  };
}

module.exports = { instrument };
