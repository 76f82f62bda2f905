'use strict';

const { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } = require('@opentelemetry/core');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { ContextManager } = require('context/opentelemetry');

/** Sets OpenTelemetry up. Each process does it once, before it takes or sends a request. */
new NodeTracerProvider().register({
  contextManager: new ContextManager(),
  propagator: new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  }),
});
