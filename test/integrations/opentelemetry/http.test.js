'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { runNode } = require('../../support/child');

const { managers } = require('./managers');

const REQUESTS = 50;

/** What a span's ancestors are named, from its parent on. */
const ancestors = {
  asking: [],
  CLIENT: ['asking'],
  'on response': ['asking'],
  answered: ['asking'],
  SERVER: ['CLIENT', 'asking'],
  handler: ['SERVER', 'CLIENT', 'asking'],
  answering: ['handler', 'SERVER', 'CLIENT', 'asking'],
  work: ['handler', 'SERVER', 'CLIENT', 'asking'],
  deep: ['work', 'handler', 'SERVER', 'CLIENT', 'asking'],
};

describe('the HTTP instrumentation of OpenTelemetry', () => {
  for (const { name } of managers) {
    it(`has a client, a server and the spans of their code in one trace for each request, with ${name}`, async () => {
      const program = [path.join(__dirname, 'http-program.js'), name, String(REQUESTS)];
      const { code, stdout, stderr } = await runNode(program);
      assert.strictEqual(code, 0, stderr);
      const spans = JSON.parse(stdout);
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      assert.strictEqual(spans.length, REQUESTS * Object.keys(ancestors).length);

      const traces = new Map();
      for (const span of spans) {
        const chain = [];
        for (let at = byId.get(span.parentSpanId); at !== undefined; at = byId.get(at.parentSpanId)) chain.push(at);
        assert.deepStrictEqual(
          chain.map((at) => at.name),
          ancestors[span.name],
          span.name,
        );

        const root = chain.at(-1) ?? span;
        assert.strictEqual(span.traceId, root.traceId, span.name);
        if (span.id !== undefined) assert.strictEqual(span.id, root.id, `${span.name} is of another request`);
        traces.set(span.traceId, (traces.get(span.traceId) ?? 0) + 1);
      }
      const complete = Array.from({ length: REQUESTS }, () => Object.keys(ancestors).length);
      assert.deepStrictEqual([...traces.values()], complete);
    });
  }
});
