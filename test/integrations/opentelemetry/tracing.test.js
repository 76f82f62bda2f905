'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');

const { ROOT_CONTEXT, context, propagation, trace } = require('@opentelemetry/api');
const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');

const { createNamespace } = require('context');

const { ContextManager } = require('context/opentelemetry');

describe('the OpenTelemetry SDK with the context manager', () => {
  const namespace = createNamespace('opentelemetry.tracing');
  let exporter;
  let manager;
  let provider;
  let tracer;

  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    manager = new ContextManager();
    provider.register({ contextManager: manager });
    tracer = trace.getTracer('test');
  });

  afterEach(async () => {
    for (const api of [context, propagation, trace]) api.disable();
    await provider.shutdown();
  });

  /** Runs a function in a new active span, which ends when what the function returns has settled. */
  function inSpan(name, callback) {
    return tracer.startActiveSpan(name, async (span) => {
      try {
        return await callback(span);
      } finally {
        span.end();
      }
    });
  }

  /** Each span's name, with that of its parent. */
  function parents() {
    const spans = exporter.getFinishedSpans();
    const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
    const nameOfParent = ({ parentSpanContext: parent }) => parent && byId.get(parent.spanId).name;
    return Object.fromEntries(spans.map((span) => [span.name, nameOfParent(span)]));
  }

  it('has the manager of the provider as the global one', () => {
    const active = ROOT_CONTEXT.setValue(Symbol('key'), 1);
    manager.with(active, () => assert.strictEqual(context.active(), active));
    context.with(active, () => assert.strictEqual(manager.active(), active));
    assert.strictEqual(context.active(), ROOT_CONTEXT);
  });

  it('makes the span that is active the parent of those that are started in callbacks', async () => {
    const starts = {
      setTimeout: (callback) => setTimeout(callback, 1),
      setImmediate,
      nextTick: process.nextTick,
      queueMicrotask,
      stat: (callback) => fs.stat(__filename, callback),
      then: (callback) => void Promise.resolve().then(callback),
    };
    for (const [name, start] of Object.entries(starts)) {
      await inSpan(`around ${name}`, () => {
        return new Promise((resolve) => {
          start(() => resolve(inSpan(name, nextTurn)));
        });
      });
    }
    const found = parents();
    for (const name of Object.keys(starts)) assert.strictEqual(found[name], `around ${name}`);
  });

  it('keeps many traces apart that run at the same time, and namespaces beside them', async () => {
    const name = (...parts) => parts.join(' ');
    const run = (id) =>
      namespace.run(async () => {
        namespace.set('id', id);
        await inSpan(name('root', id), async () => {
          await delay(id % 4);
          await inSpan(name('middle', namespace.get('id')), async () => {
            await nextTurn();
            const emitter = new EventEmitter();
            setTimeout(() => emitter.emit('event'), id % 3);
            await once(emitter, 'event');
            await inSpan(name('leaf', namespace.get('id')), nextTurn);
          });
        });
      });
    const ids = Array.from({ length: 50 }, (_, id) => id);
    await Promise.all(ids.map(run));

    const found = parents();
    assert.strictEqual(Object.keys(found).length, 150);
    for (const id of ids) {
      const chain = ['leaf', 'middle', 'root'].map((part) => found[name(part, id)]);
      assert.deepStrictEqual(chain, [name('middle', id), name('root', id), undefined]);
    }
    assert.strictEqual(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId)).size, 50);
  });
});
