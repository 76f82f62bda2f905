'use strict';

const { load } = require('./packages');

/**
 * Sets OpenTelemetry up as an application does, with one of its instrumentations and our context manager. Comes before the client
 * is loaded.
 *
 * @param {string} name of the instrumentation's package, after `@opentelemetry/instrumentation-`
 * @param {object} contextManager
 * @returns {{ run: (id: string, callback: Function) => unknown, idNow: () => string | undefined }} calls a function in a span and a
 *   context of OpenTelemetry that has an id, and tells the id of its active context
 */
function instrument(name, contextManager) {
  const { context, createContextKey, trace } = load('@opentelemetry/api');
  const { NodeTracerProvider } = load('@opentelemetry/sdk-trace-node');
  const { registerInstrumentations } = load('@opentelemetry/instrumentation');
  new NodeTracerProvider().register({ contextManager });
  const [Instrumentation] = Object.values(load(`@opentelemetry/instrumentation-${name}`)).filter((value) => {
    return typeof value === 'function' && value.name.endsWith('Instrumentation');
  });
  registerInstrumentations({ instrumentations: [new Instrumentation()] });
  const key = createContextKey('id');
  const tracer = trace.getTracer('clients');
  return {
    run: (id, callback) => context.with(context.active().setValue(key, id), () => tracer.startActiveSpan('request', callback)),
    idNow: () => context.active().getValue(key),
  };
}

module.exports = { instrument };
