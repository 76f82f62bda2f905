'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');
const { copyPackage, setVersion } = require('../../support/copy');

/** A server of 100 requests at a time, each of which says whether `idsNow()` has its id alone. Prints how many do, and `ended`. */
const serveAll = `
  const http = require('http');
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => setImmediate(() => {
      const id = request.headers['x-id'];
      response.end(String(idsNow().every((each) => each === id) && body.length === 20000));
    }));
  });
  server.listen(0, '127.0.0.1', async () => {
    const ask = (id) => new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.address().port, method: 'POST', headers: { 'x-id': id } };
      const request = http.request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('end', () => resolve(text));
      });
      request.on('error', reject).end('x'.repeat(20000));
    });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, id) => ask('id-' + id)));
    while (ended < 100 * expectedEnds) await new Promise(setImmediate);
    await new Promise((resolve) => setTimeout(resolve, 10));
    console.log(answers.filter((answer) => answer === 'true').length, ended);
    process.exit();
  });
`;

const instrumentWith = (contextPath, httpPath, name) => `
  (() => {
    const namespace = require(${JSON.stringify(contextPath)}).createNamespace(${JSON.stringify(name)});
    require(${JSON.stringify(httpPath)}).instrument(namespace, {
      init(context, request) {
        context.set('id', request.headers['x-id']);
        context.on('end', () => ended++);
      },
    });
    return namespace;
  })()
`;

const opentelemetry = `
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  new NodeTracerProvider().register({ contextManager: makeManager() });
  registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
`;

const ownManager = "const makeManager = () => new (require('context/opentelemetry').ContextManager)();";
const otherManager =
  "const makeManager = () => new (require('@opentelemetry/context-async-hooks').AsyncLocalStorageContextManager)();";

async function assertServes(program) {
  const { code, stdout, stderr } = await runNode(program);
  assert.strictEqual(code, 0, stderr);
  return stdout;
}

describe('instrument', () => {
  for (const [manager, make] of Object.entries({ 'its manager': otherManager, 'our manager': ownManager })) {
    for (const order of ['before', 'after']) {
      it(`works ${order} OpenTelemetry's instrumentation, with ${manager}`, async () => {
        const ours = `const namespace = ${instrumentWith('context', 'context/http', 'one')};`;
        const stdout = await assertServes(`
          let ended = 0;
          const expectedEnds = 1;
          ${make}
          ${order === 'before' ? ours + opentelemetry : opentelemetry + ours}
          const { trace } = require('@opentelemetry/api');
          const idsNow = () => [namespace.get('id'), trace.getActiveSpan() && namespace.get('id')];
          ${serveAll}
        `);
        assert.strictEqual(stdout, '100 100\n');
      });
    }
  }

  for (const version of ['1.0.5', '1.99.0', '2.0.0']) {
    it(`works beside a copy of the package of version ${version}`, async () => {
      const folder = copyPackage((copy) => setVersion(copy, version));
      const stdout = await assertServes(`
        process.on('warning', () => {});
        let ended = 0;
        const expectedEnds = 2;
        const namespaces = [
          ${instrumentWith('context', 'context/http', 'one')},
          ${instrumentWith(folder, `${folder}/lib/integrations/http`, 'two')},
        ];
        const idsNow = () => namespaces.map((namespace) => namespace.get('id'));
        ${serveAll}
      `);
      assert.strictEqual(stdout, '100 200\n');
    });
  }
});
