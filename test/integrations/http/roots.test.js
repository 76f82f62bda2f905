'use strict';

const assert = require('node:assert');
const http = require('node:http');
const http2 = require('node:http2');
const { once } = require('node:events');

const { createNamespace } = require('context');
const { instrument, koa, middleware, plugin } = require('context/http');

const { textOf } = require('./client');
const { closeAll, listening } = require('./instrumented');

const namespace = createNamespace('http.roots');
const seenNow = () => `${namespace.get('tenant')} ${Object.keys(namespace.toObject())} ${namespace.get('shared')}`;

/** Servers that answer with what is seen, by who gives their requests contexts. */
const servers = {
  instrument: () => http.createServer((_, response) => response.end(seenNow())),
  'instrument, http2': () => http2.createServer((_, response) => response.end(seenNow())),
  middleware() {
    const wrap = middleware(namespace);
    return http.createServer((request, response) => wrap(request, response, () => response.end(seenNow())));
  },
  koa: () =>
    http.createServer(
      new (require('koa'))()
        .use(koa(namespace))
        .use((ctx) => (ctx.body = seenNow()))
        .callback(),
    ),
  async plugin() {
    const app = require('fastify')().register(plugin, { namespace });
    app.get('/', async () => seenNow());
    await app.ready();
    return app.server;
  },
};

async function ask(port, isHttp2) {
  if (!isHttp2) return textOf((await once(http.get({ host: '127.0.0.1', port, agent: false }), 'response'))[0]);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const text = await textOf(session.request());
  session.destroy();
  return text;
}

describe('the context of a request', () => {
  afterEach(closeAll);

  for (const [name, make] of Object.entries(servers)) {
    it(`sees nothing of the context in which its server was told to listen, or was asked: ${name}`, async () => {
      const instrumentation = name.startsWith('instrument') ? instrument(namespace) : undefined;
      const shared = namespace.active;
      shared.set('shared', 'by all');
      const texts = await namespace.run({ tenant: 'acme' }, async () => {
        const port = await listening(await make());
        const isHttp2 = name.endsWith('2');
        return [await ask(port, isHttp2), await namespace.run({ tenant: 'globex' }, () => ask(port, isHttp2))];
      });
      shared.delete('shared');
      instrumentation?.disable();
      assert.deepStrictEqual(texts, ['undefined shared,id by all', 'undefined shared,id by all']);
    });
  }
});
