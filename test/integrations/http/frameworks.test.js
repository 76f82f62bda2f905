'use strict';

const assert = require('node:assert');
const { once } = require('node:events');

const { createNamespace } = require('context');
const { hono, instrument, koa, middleware, plugin } = require('context/http');

const { CONCURRENCY, askOften } = require('./client');
const { frameworks } = require('./frameworks');
const { Probe } = require('./probe');

/** The routes of each framework. Without a body parser of its own, http has none for multipart; nor has the Nest of the tests. */
const all = ['/', '/deep', '/json', '/multipart', '/stream', '/fails', '/hangs'];
const routesOf = (framework) => {
  if (framework === 'http') return ['/', '/deep', '/json', '/iterated', '/stream', '/hangs'];
  return framework === 'nest' ? all.filter((route) => route !== '/multipart') : all;
};

/** How each framework is told to have contexts for its requests, for those who want that explicit. */
const explicit = {
  http: (namespace) => (handler) => {
    const wrapped = middleware(namespace, { init });
    return (request, response) => wrapped(request, response, () => handler(request, response));
  },
  express: (namespace) => (app) => app.use(middleware(namespace, { init })),
  'express-4': (namespace) => (app) => app.use(middleware(namespace, { init })),
  fastify: (namespace) => (app) => app.register(plugin, { namespace, init }),
  koa: (namespace) => (app) => app.use(koa(namespace, { init })),
  hono: (namespace) => (app) => app.use('*', hono(namespace, { init })),
  nest: (namespace) => (app) => app.use(middleware(namespace, { init })),
};

/** The `end`s that came, by the id. */
let endings;

function init(context, request) {
  context.set('id', request.headers['x-id']);
  context.on('end', () => {
    const id = context.get('id');
    endings.set(id, [...(endings.get(id) ?? []), { last: context.get('last'), isActive: context.namespace.isActive() }]);
  });
}

/** Waits until something holds. */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a server', () => {
  for (const framework of Object.keys(frameworks)) {
    for (const way of ['instrument', 'its own middleware']) {
      describe(`of ${framework}, by ${way}`, function () {
        this.timeout(120_000);
        const namespace = createNamespace(`http.${framework}.${way}`);
        let instrumentation;
        let port;
        let probe;
        let server;

        before(async () => {
          if (way === 'instrument') instrumentation = instrument(namespace, { init });
          probe = new Probe(() => namespace.get('id'));
          const look = probe.at.bind(probe);
          probe.at = (step, expected) => {
            // What `end` has to see: all but the listeners of close, which come after it.
            if (namespace.isActive() && !/close|abort|onResponse/.test(step)) namespace.set('last', step);
            return look(step, expected);
          };
          const install = way === 'instrument' ? undefined : explicit[framework](namespace);
          server = await frameworks[framework]({ install, probe });
          server.listen(0, '127.0.0.1');
          await once(server, 'listening');
          port = server.address().port;
        });

        after(async () => {
          instrumentation?.disable();
          server.closeAllConnections();
          server.close();
          await once(server, 'close');
        });

        for (const route of routesOf(framework)) {
          it(`keeps 100 of 100 requests apart, and ends each once: ${route}`, async () => {
            endings = new Map();
            const before = structuredClone(probe.results);
            const answers = await askOften(port, route);
            const isHung = route === '/hangs';
            if (!isHung)
              assert.deepStrictEqual([...new Set(answers.map(({ status }) => status))], [route === '/fails' ? 500 : 200]);
            await until(() => endings.size === CONCURRENCY);
            await new Promise((resolve) => setTimeout(resolve, 5));
            for (const [step, { right, lost, wrong }] of Object.entries(probe.results)) {
              const earlier = before[step]?.right ?? 0;
              assert.deepStrictEqual({ step, lost, wrong }, { step, lost: 0, wrong: 0 });
              assert.ok(right - earlier === 0 || right - earlier >= CONCURRENCY, `${step}: ${right - earlier}`);
            }
            const last = isHung ? 'handler' : 'finish';
            for (const [id, ends] of endings) assert.deepStrictEqual({ id, ends }, { id, ends: [{ last, isActive: false }] });
          });
        }
      });
    }
  }
});
