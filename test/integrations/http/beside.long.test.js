'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');
const { copyPackage, setVersion } = require('../../support/copy');

/** A server that gets 100 requests at once. Prints for how many `idsNow()` had nothing but their own ids, and `ended`. */
const SERVE = `
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
    const { ask } = require('./test/integrations/http/client');
    const { port } = server.address();
    const ids = Array.from({ length: 100 }, (_, index) => 'id-' + index);
    const answers = await Promise.all(ids.map((id) => ask(port, '/', id, { body: 'x'.repeat(20000) })));
    while (ended < 100 * expectedEnds) await new Promise(setImmediate);
    for (let i = 0; i < 10; i++) await new Promise(setImmediate);
    console.log(answers.filter(({ text }) => text === 'true').length, ended);
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

const opentelemetryWith = (manager) => `
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  new NodeTracerProvider().register({ contextManager: new (${manager})() });
  registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
`;

const managers = {
  'its manager': "require('@opentelemetry/context-async-hooks').AsyncLocalStorageContextManager",
  'our manager': "require('context/opentelemetry').ContextManager",
};

async function assertServes(program, ends) {
  const { code, stdout, stderr } = await runNode(`let ended = 0; const expectedEnds = ${ends}; ${program} ${SERVE}`);
  assert.deepStrictEqual([code, stdout], [0, `100 ${100 * ends}\n`], stderr);
}

describe('instrument', () => {
  for (const [name, manager] of Object.entries(managers)) {
    for (const order of ['before', 'after']) {
      it(`works ${order} OpenTelemetry's instrumentation, with ${name}`, async () => {
        const ours = `const namespace = ${instrumentWith('context', 'context/http', 'one')};`;
        const theirs = opentelemetryWith(manager);
        await assertServes(
          `
            ${order === 'before' ? ours + theirs : theirs + ours}
            const { trace } = require('@opentelemetry/api');
            const idsNow = () => [namespace.get('id'), trace.getActiveSpan() && namespace.get('id')];
          `,
          1,
        );
      });
    }
  }

  for (const version of ['1.0.5', '1.99.0', '2.0.0']) {
    it(`works beside a copy of the package of version ${version}`, async () => {
      const folder = copyPackage((copy) => setVersion(copy, version));
      await assertServes(
        `
          process.on('warning', () => {});
          const namespaces = [
            ${instrumentWith('context', 'context/http', 'one')},
            ${instrumentWith(folder, `${folder}/lib/integrations/http`, 'two')},
          ];
          const idsNow = () => namespaces.map((namespace) => namespace.get('id'));
        `,
        2,
      );
    });
  }
});
