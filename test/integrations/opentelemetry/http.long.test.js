'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { linesOf } = require('../../support/child');
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
      const [line] = await linesOf([path.join(__dirname, 'http-program.js'), name, String(REQUESTS)]);
      assert.deepStrictEqual(JSON.parse(line), {
        paths: Object.fromEntries(PATHS.map((each) => [each, REQUESTS])),
        traces: new Array(REQUESTS).fill(PATHS.length),
      });
    });
  }
});
