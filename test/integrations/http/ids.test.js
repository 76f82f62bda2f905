'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');

const { createNamespace, detach } = require('context');
const { instrument, koa, middleware, plugin } = require('context/http');

const { mustCall } = require('../../support/must-call');
const { textOf } = require('./client');
const { closeAll, listening, turn } = require('./instrumented');

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let instrumentation;
let names = 0;
const makeNamespace = () => createNamespace(`http.ids.${++names}`);

/** Serves with `instrument`. Returns what asks: the text and the headers of the response. */
async function asks(namespace, options, server) {
  instrumentation = options && instrument(namespace, options);
  const port = await listening(server);
  return async (path = '/', headers = {}) => {
    const [response] = await once(http.get({ host: '127.0.0.1', port, path, headers, agent: false }), 'response');
    return { text: await textOf(response), headers: response.headers };
  };
}

/** Asks a server of HTTP/2 once. */
async function askHttp2(port) {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const request = session.request({ ':path': '/two' });
  const [headers] = await once(request, 'response');
  const text = await textOf(request);
  await new Promise((resolve) => session.close(resolve));
  return { headers, text };
}

/** Ways to answer, and the id that the client gets for `mine`. */
const answers = {
  end: [(response) => response.end(), 'mine'],
  write: [(response) => response.write('a') && response.end(), 'mine'],
  'flushed headers': [(response) => (response.flushHeaders(), response.end()), 'mine'],
  'writeHead(status, reason, headers)': [(response) => response.writeHead(200, 'fine', { 'x-other': 'b' }).end(), 'mine'],
  'a list of headers': [(response) => response.writeHead(200, ['X-Other', 'b']).end(), 'mine'],
  'pairs of headers': [(response) => response.writeHead(200, [['X-Other', 'b'], ['X-Third', 'c'], ['Fourth', 'd']]).end(), 'mine'], // prettier-ignore
  'all headers removed': [
    (response) => {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.end();
    },
    'mine',
  ],
  'its own header': [(response) => response.setHeader('X-Request-ID', 'own').end(), 'own'],
  'its own header in writeHead': [(response) => response.writeHead(200, { 'X-Request-Id': 'own' }).end(), 'own'],
  'its own in a list': [(response) => response.writeHead(200, ['X-Request-Id', 'own']).end(), 'own'],
  'its own in pairs': [(response) => response.writeHead(200, [['X-Request-Id', 'own']]).end(), 'own'],
};

describe('the id of a request', () => {
  afterEach(async () => {
    await closeAll();
    instrumentation?.disable();
    instrumentation = undefined;
  });

  it('has the key that is asked for, also a symbol, a number and __proto__', async () => {
    for (const key of ['requestId', Symbol('id'), 7, '__proto__', undefined]) {
      const namespace = makeNamespace();
      const handler = (_, response) =>
        response.end(`${namespace.get(key ?? 'id')} ${Reflect.ownKeys(namespace.toObject()).length}`);
      const ask = await asks(namespace, { key, header: 'X-Id' }, http.createServer(handler));
      assert.strictEqual((await ask('/', { 'x-id': 'mine' })).text, 'mine 1');
      instrumentation.disable();
    }
  });

  it('is refused with a key or an echo of another type, before anything changes', () => {
    for (const options of [{ key: null }, { key: {} }, { echo: 'x y' }, { echo: '' }, { echo: 1 }, { echo: null }]) {
      for (const make of [instrument, middleware, koa]) {
        assert.throws(() => make(makeNamespace(), options), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
      }
    }
    const server = http.createServer(mustCall(() => {}));
    server.emit('request', new http.IncomingMessage(null), new http.ServerResponse({ method: 'GET' }));
  });

  for (const [how, [answer, expected]] of Object.entries(answers)) {
    it(`is echoed, unless the application has set the header: ${how}`, async () => {
      const namespace = makeNamespace();
      const ask = await asks(
        namespace,
        { header: 'x-request-id', echo: true },
        http.createServer((_, response) => answer(response)),
      );
      const { headers } = await ask('/', { 'x-request-id': 'mine' });
      assert.strictEqual(headers['x-request-id'], expected);
    });
  }

  it('is echoed in the header that is named, else in that of the option header, else in x-request-id', async () => {
    const cases = [
      [{ echo: true }, 'x-request-id'],
      [{ echo: true, header: 'X-Trace' }, 'x-trace'],
      [{ echo: 'X-Answer', header: 'X-Trace' }, 'x-answer'],
      [{ echo: true, key: 'other', init: (context) => void context.set('other', 'by-init') }, 'x-request-id', 'by-init'],
      [{ echo: true, init: (context) => void context.set('id', 'a\r\nb: c') }, undefined],
      [{ echo: false, header: 'x-trace' }, undefined],
    ];
    for (const [options, name, value] of cases) {
      const namespace = makeNamespace();
      const ask = await asks(
        namespace,
        options,
        http.createServer((_, response) => response.end(namespace.get('id'))),
      );
      const { headers, text } = await ask();
      const added = Object.keys(headers).filter((each) => each.startsWith('x-'));
      assert.deepStrictEqual(added, name === undefined ? [] : [name]);
      if (name !== undefined) assert.strictEqual(headers[name], value ?? text);
      instrumentation.disable();
    }
  });

  it('is echoed if Koa answers with an error, for which it removes all headers', async () => {
    const Koa = require('koa');
    const namespace = makeNamespace();
    const app = new Koa().on(
      'error',
      mustCall(() => {}),
    );
    app.use(koa(namespace, { echo: true })).use(() => assert.fail('on purpose'));
    const { headers } = await (await asks(namespace, undefined, http.createServer(app.callback())))();
    assert.match(headers['x-request-id'], UUID);
  });

  it('is echoed by HTTP/2, and its streams are left alone', async () => {
    for (const event of ['request', 'stream']) {
      const namespace = makeNamespace();
      instrumentation = instrument(namespace, { echo: true });
      const server = http2.createServer().on(event, (first, response) => {
        if (event === 'stream') first.respond();
        (event === 'stream' ? first : response).end(namespace.get('id'));
      });
      const { headers, text } = await askHttp2(await listening(server));
      assert.strictEqual(headers['x-request-id'], event === 'stream' ? undefined : text);
      assert.match(text, UUID);
      instrumentation.disable();
    }
  });
});

describe('init', () => {
  afterEach(async () => {
    await closeAll();
    instrumentation.disable();
  });

  it('gets the request and the response; the socket of an upgrade; of a stream of HTTP/2 an object, and the stream', async () => {
    const seen = {};
    const init = (...args) => (seen[args[1].url] = args);
    instrumentation = instrument(makeNamespace(), { init });
    const server = http.createServer((...args) => {
      assert.deepStrictEqual(seen['/one'].slice(1), args);
      args[1].end();
    });
    server.on('upgrade', (request, socket) => {
      assert.strictEqual(seen['/up'][2], socket);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n');
    });
    const port = await listening(server);
    const get = (path, headers) => http.get({ host: '127.0.0.1', port, path, headers, agent: false });
    await textOf((await once(get('/one'), 'response'))[0]);
    const [, upgraded] = await once(get('/up', { connection: 'upgrade', upgrade: 'a' }), 'upgrade');
    upgraded.destroy();
    const two = http2.createServer().on('stream', (stream) => (stream.respond(), stream.end()));
    await askHttp2(await listening(two));
    const [context, request, stream] = seen['/two'];
    assert.deepStrictEqual(Object.keys(request), ['headers', 'method', 'url', 'stream']);
    assert.deepStrictEqual([request.method, request.headers[':path'], request.stream], ['GET', '/two', stream]);
    while (!context.ended) await turn();
  });

  it('is called without a `this`', async () => {
    const namespace = makeNamespace();
    const options = { init: mustCall(function () { assert.strictEqual(this, undefined); }) }; // prettier-ignore
    await (
      await asks(
        namespace,
        options,
        http.createServer((_, response) => response.end()),
      )
    )();
  });
});

/** How a middleware serves a request of Node.js in the end. */
const wraps = {
  middleware: (namespace, options, handler) => {
    const wrap = middleware(namespace, options);
    return http.createServer((request, response) => wrap(request, response, () => handler(request, response)));
  },
  koa: (namespace, options, handler) => {
    const Koa = require('koa');
    const app = new Koa().use(koa(namespace, options)).use((ctx) => {
      ctx.respond = false;
      handler(ctx.req, ctx.res);
    });
    return http.createServer(app.callback());
  },
  plugin: async (namespace, options, handler) => {
    const app = require('fastify')();
    app.register(plugin, { namespace, ...options });
    app.get('/', (request, reply) => handler(request.raw, reply.hijack().raw));
    await app.ready();
    return app.server;
  },
};

describe('a middleware on a request that has a context of its namespace', () => {
  afterEach(async () => {
    await closeAll();
    instrumentation.disable();
  });

  for (const [name, wrap] of Object.entries(wraps)) {
    it(`uses that, makes no second id, and adds what its init sets: ${name}`, async () => {
      const namespace = makeNamespace();
      const made = [];
      let ended = 0;
      const init = (context) => {
        made.push(context);
        context.set('id', `id-${made.length}`);
        context.on('end', () => ended++);
      };
      const handler = (_, response) => response.end(JSON.stringify([namespace.active === made.at(-1), namespace.toObject()]));
      const cases = [
        [{}, {}],
        [{ init: (context) => context.set('tenant', 'acme') }, { tenant: 'acme' }],
        [{ key: 'other', header: 'x-other' }, { other: 'theirs' }],
        [{ filter: () => false }, {}],
      ];
      for (const [options, added] of cases) {
        const ask = await asks(namespace, { init }, await wrap(namespace, options, handler));
        const { text } = await ask('/', { 'x-other': 'theirs' });
        assert.deepStrictEqual(JSON.parse(text), [true, { id: `id-${made.length}`, ...added }]);
        instrumentation.disable();
      }
      while (ended < cases.length) await turn();
      for (let i = 0; i < 5; i++) await turn();
      assert.deepStrictEqual([made.length, ended], [cases.length, cases.length]);
    });
  }

  it('prepares it once, even if the request comes again, and keeps other namespaces apart', async () => {
    const [namespace, other] = [makeNamespace(), makeNamespace()];
    const first = middleware(namespace, { init: (context) => context.set('inits', (context.get('inits') ?? 0) + 1) });
    const second = middleware(other);
    const server = http.createServer((request, response) => {
      const contexts = [];
      const again = (left) =>
        first(request, response, () =>
          second(request, response, () => {
            contexts.push(namespace.active, other.active);
            if (left > 0) again(left - 1);
            else response.end(`${namespace.get('inits')} ${namespace.get('id').length} ${new Set(contexts).size}`);
          }),
        );
      again(3);
    });
    assert.strictEqual((await (await asks(namespace, {}, server))()).text, '1 36 2');
  });
});

it('a middleware leaves a context alone that was entered in that of the request, and enters the latter if it is lost', async () => {
  const namespace = makeNamespace();
  const [first, second] = [middleware(namespace), middleware(namespace)];
  const server = http.createServer((...args) => {
    const seen = [];
    const look = () => seen.push(`${namespace.get('user')} ${namespace.get('id')?.length}`);
    const inner = () => [first, second].forEach((wrap) => [wrap(...args, look), detach(() => wrap(...args, look))]);
    first(...args, () => namespace.run({ user: 'ada' }, inner));
    args[1].end(seen.join());
  });
  const { text } = await (await asks(namespace, undefined, server))();
  await closeAll();
  assert.strictEqual(text, 'ada 36,undefined 36,ada 36,undefined 36');
});

it('puts no enumerable property on requests and responses', async () => {
  const found = [];
  const server = http.createServer((request, response) => {
    found.push([Object.keys(request), Object.keys(response)]);
    response.end();
  });
  const namespace = makeNamespace();
  await (
    await asks(namespace, undefined, server)
  )();
  await closeAll();
  const wrap = middleware(makeNamespace(), { echo: true });
  const inner = http.createServer((...args) => wrap(...args, () => server.emit('request', ...args)));
  await (
    await asks(namespace, { echo: true, header: 'x-request-id' }, inner)
  )();
  await closeAll();
  instrumentation.disable();
  assert.deepStrictEqual(found[1], found[0]);
});
