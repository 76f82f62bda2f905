'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { runNode } = require('../../support/child');

const { managers } = require('./managers');

const REQUESTS = 50;

/** The spans of a request, each with its ancestors. */
const PATHS = [
  'asking',
  'asking > CLIENT',
  'asking > CLIENT > SERVER',
  'asking > CLIENT > SERVER > handler',
  'asking > CLIENT > SERVER > handler > answering',
  'asking > CLIENT > SERVER > handler > work',
  'asking > CLIENT > SERVER > handler > work > deep',
  'asking > answered',
  'asking > on response',
];

describe('the HTTP instrumentation of OpenTelemetry', () => {
  for (const { name } of managers) {
    it(`has a client, a server and the spans of their code in one trace for each request, with ${name}`, async () => {
      const { code, stdout, stderr } = await runNode([path.join(__dirname, 'http-program.js'), name, String(REQUESTS)]);
      assert.strictEqual(code, 0, stderr);
      assert.deepStrictEqual(JSON.parse(stdout), {
        paths: Object.fromEntries(PATHS.map((each) => [each, REQUESTS])),
        traces: new Array(REQUESTS).fill(PATHS.length),
      });
    });
  }
});

describe('the example of two processes', () => {
  it('ends with code 1 if a value is lost on the way', async () => {
    const args = ['--require', path.join(__dirname, 'lost-baggage.js'), 'examples/distributed/main.js'];
    const { code, stdout, stderr } = await runNode(args);
    assert.strictEqual(code, 1);
    assert.match(stdout, /^The second process saw undefined of the tenant undefined/);
    assert.match(stderr, /^It should have seen order-1 of the tenant blue, no password, in the trace [0-9a-f]{32}\.$/m);
  });
});
