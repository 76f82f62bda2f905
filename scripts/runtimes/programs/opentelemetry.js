'use strict';

/** context/opentelemetry: spans of units of work at a time, as children of their own parents. */

const api = require('@opentelemetry/api');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { ContextManager } = require('context/opentelemetry');

const { Counts } = require('./counts');

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
api.context.setGlobalContextManager(new ContextManager().enable());
api.trace.setGlobalTracerProvider(provider);

const tracer = api.trace.getTracer('runtimes');
const counts = new Counts();
const pool = [];

function work(id) {
  return tracer.startActiveSpan(id, async (span) => {
    const look = () => counts.look(api.trace.getActiveSpan()?.name, id);
    look();
    pool.push(api.context.bind(api.context.active(), look));
    for (const wait of [(go) => setTimeout(go, 1), setImmediate, process.nextTick, queueMicrotask]) {
      await new Promise(wait);
      look();
      tracer.startSpan(`child of ${id}`).end();
    }
    span.end();
  });
}

async function main() {
  await Promise.all(Array.from({ length: 100 }, (_, index) => work(`unit ${index}`)));
  for (const call of pool) call();
  const spans = exporter.getFinishedSpans();
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  for (const { name, parentSpanContext } of spans) {
    if (name.startsWith('child of ')) counts.look(names.get(parentSpanContext?.spanId), name.slice('child of '.length));
  }
  counts.look(api.trace.getActiveSpan()?.name ?? 'none', 'none');
  counts.print();
}

main();
