'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const net = require('node:net');

const { bind, createNamespace } = require('context');
const { instrument, middleware } = require('context/http');
const { WebSocket, WebSocketServer } = require('ws');

const { runNode } = require('../../support/child');
const { watchCollection } = require('../../support/collected');
const { mustCall } = require('../../support/must-call');
const { CONCURRENCY, ask } = require('./client');

const turn = () => new Promise((resolve) => setImmediate(resolve));
const many = (make) => Promise.all(Array.from({ length: CONCURRENCY }, (_, index) => make(`id-${index}`)));

/** A namespace whose requests are counted: `ended` has the ids in the order of their ends. */
function counted(name, options = {}) {
  const namespace = createNamespace(`http.protocols.${name}`);
  const ended = [];
  const init = (context, request) => {
    context.set('id', request.headers['x-id']);
    context.on('end', () => ended.push(context.get('id')));
  };
  return { namespace, ended, options: { init, ...options } };
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

async function closed(server) {
  server.closeAllConnections?.();
  server.close();
  await once(server, 'close');
}

/** Waits until something holds. */
async function until(holds) {
  while (!holds()) await turn();
}

const sorted = (ids) => [...ids].sort();
const ids = Array.from({ length: CONCURRENCY }, (_, index) => `id-${index}`);

describe('instrument', () => {
  let instrumentation;
  let server;

  afterEach(async () => {
    instrumentation?.disable();
    instrumentation = undefined;
    if (server?.listening) await closed(server);
  });

  it('keeps pipelined requests apart, whose responses wait for each other', async () => {
    const { namespace, ended, options } = counted('pipelined');
    instrumentation = instrument(namespace, options);
    server = http.createServer(async (request, response) => {
      // The first ones take longest.
      for (let i = Number(request.headers['x-id'].slice(3)); i < CONCURRENCY; i++) await null;
      response.end(`<${namespace.get('id')}>`);
    });
    const port = await listening(server);
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    socket.write(ids.map((id) => `GET / HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n\r\n`).join(''));
    await until(() => ended.length === CONCURRENCY && text.includes(`<${ids.at(-1)}>`));
    socket.destroy();
    assert.deepStrictEqual(
      [...text.matchAll(/<(.*?)>/g)].map(([, id]) => id),
      ids,
    );
    assert.deepStrictEqual(ended, ids);
  });

  it('ends pipelined requests once whose connection is closed before their turn', async () => {
    const { namespace, ended, options } = counted('pipelined.closed');
    instrumentation = instrument(namespace, options);
    const begun = [];
    server = http.createServer((request, response) => {
      begun.push(response);
      if (begun.length % 2 === 0) response.end('done at once');
    });
    const socket = net.connect(await listening(server), '127.0.0.1');
    socket.write(ids.map((id) => `GET / HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n\r\n`).join(''));
    await until(() => begun.length === CONCURRENCY);
    assert.deepStrictEqual(ended, []);
    socket.destroy();
    await until(() => ended.length >= CONCURRENCY);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepStrictEqual(sorted(ended), sorted(ids));
  });

  it('has one context for a request that a server hands on to another one, at once or later, from elsewhere', async () => {
    const { namespace, ended, options } = counted('handed.on');
    instrumentation = instrument(namespace, options);
    const inner = http.createServer((request, response) => response.end(namespace.get('id')));
    const waiting = [];
    server = http.createServer((request, response) => {
      if (request.url === '/at-once') inner.emit('request', request, response);
      else if (waiting.push(() => inner.emit('request', request, response)) === CONCURRENCY) waiting.forEach((emit) => emit());
    });
    const port = await listening(server);
    for (const url of ['/at-once', '/later']) {
      const answers = await many((id) => ask(port, url, id));
      assert.deepStrictEqual(
        answers.map(({ text }) => text),
        ids,
      );
    }
    await until(() => ended.length === 2 * CONCURRENCY);
    assert.deepStrictEqual(sorted(ended), sorted([...ids, ...ids]));
  });

  it('leaves requests and responses alone that are not those of Node.js', () => {
    instrumentation = instrument(createNamespace('http.protocols.foreign'));
    server = http.createServer();
    const got = [];
    server.on('request', (...args) => got.push(args));
    const foreign = [
      [],
      [{ url: '/' }, new EventEmitter()],
      [{ url: '/', headers: {} }, { end() {} }],
      [Object.freeze({ url: '/', headers: {} }), new EventEmitter()],
      [new http.IncomingMessage(null), new http.ServerResponse({ method: 'GET' })],
    ];
    for (const args of foreign) assert.strictEqual(server.emit('request', ...args), true);
    assert.deepStrictEqual(got, foreign);
  });

  it('has each request of a connection that is kept alive in a context of its own, around which there is none', async () => {
    const { namespace, ended, options } = counted('kept');
    instrumentation = instrument(namespace, options);
    server = http.createServer((request, response) => {
      namespace.set(request.headers['x-id'], true);
      response.end(JSON.stringify(Object.keys(namespace.toObject())));
    });
    const port = await listening(server);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (const id of ids) {
      const { text } = await ask(port, '/', id, { agent });
      assert.deepStrictEqual(JSON.parse(text), ['id', id]);
    }
    agent.destroy();
    await until(() => ended.length === CONCURRENCY);
    assert.deepStrictEqual(ended, ids);
  });

  it('keeps requests apart that expect to go on, by default and with a listener', async () => {
    for (const hasListener of [false, true]) {
      const { namespace, ended, options } = counted(`expect.${hasListener}`);
      instrumentation = instrument(namespace, options);
      const seen = [];
      server = http.createServer((request, response) => {
        request.on('data', () => {});
        request.on('end', () => response.end(namespace.get('id')));
      });
      if (hasListener) {
        server.on('checkContinue', (request, response) => {
          seen.push(namespace.get('id'));
          response.writeContinue();
          setImmediate(() => server.emit('request', request, response));
        });
      }
      const port = await listening(server);
      const answers = await many(
        (id) =>
          new Promise((resolve, reject) => {
            const headers = { 'x-id': id, expect: '100-continue' };
            const request = http.request({ host: '127.0.0.1', port, method: 'POST', headers }, (response) => {
              let text = '';
              response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
              response.on('end', () => resolve(text));
            });
            request.on('continue', () => request.end('body')).on('error', reject);
            request.flushHeaders();
          }),
      );
      assert.deepStrictEqual(answers, ids);
      if (hasListener) assert.deepStrictEqual(sorted(seen), sorted(ids));
      await until(() => ended.length === CONCURRENCY);
      assert.deepStrictEqual(sorted(ended), sorted(ids));
      instrumentation.disable();
      await closed(server);
    }
  });

  it('has trailers read and sent in the context', async () => {
    const { namespace, ended, options } = counted('trailers');
    instrumentation = instrument(namespace, options);
    server = http.createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        response.writeHead(200, { Trailer: 'x-id' });
        response.write('body');
        response.addTrailers({ 'x-id': `${namespace.get('id')} ${request.trailers['x-trailer']}` });
        response.end();
      });
    });
    const port = await listening(server);
    const answers = await many(
      (id) =>
        new Promise((resolve, reject) => {
          const headers = { 'x-id': id, trailer: 'x-trailer', 'transfer-encoding': 'chunked' };
          const request = http.request({ host: '127.0.0.1', port, method: 'POST', headers }, (response) => {
            response.resume();
            response.on('end', () => resolve(response.trailers['x-id']));
          });
          request.on('error', reject);
          request.addTrailers({ 'x-trailer': id });
          request.end('body');
        }),
    );
    assert.deepStrictEqual(
      answers,
      ids.map((id) => `${id} ${id}`),
    );
    await until(() => ended.length === CONCURRENCY);
    assert.deepStrictEqual(sorted(ended), sorted(ids));
  });

  for (const [kind, serve] of Object.entries({
    'compatibility requests': (namespace) => (http2Server) =>
      http2Server.on('request', async (request, response) => {
        let length = 0;
        request.on('data', (chunk) => (length += chunk.length));
        request.on('end', () => setImmediate(() => response.end(`${namespace.get('id')} ${length}`)));
      }),
    'streams, handed on to another server,': (namespace) => (http2Server) => {
      const inner = http2.createServer().on('stream', (stream) => {
        let length = 0;
        stream.on('data', (chunk) => (length += chunk.length));
        stream.on('end', () => setImmediate(() => stream.end(`${namespace.get('id')} ${length}`)));
      });
      http2Server.on('stream', (stream, headers) => inner.emit('stream', stream, headers));
    },
  })) {
    it(`keeps ${kind} of HTTP/2 apart, on one connection`, async () => {
      const { namespace, ended, options } = counted(`http2.${kind}`);
      instrumentation = instrument(namespace, options);
      server = http2.createServer();
      serve(namespace)(server);
      const port = await listening(server);
      const client = http2.connect(`http://127.0.0.1:${port}`);
      const answers = await many(async (id) => {
        const stream = client.request({ ':path': '/', ':method': 'POST', 'x-id': id });
        let text = '';
        stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        stream.end('x'.repeat(10_000));
        await once(stream, 'close');
        return text;
      });
      assert.deepStrictEqual(
        answers,
        ids.map((id) => `${id} 10000`),
      );
      await until(() => ended.length >= CONCURRENCY);
      assert.deepStrictEqual(sorted(ended), sorted(ids));
      client.close();
      server.close();
      await once(server, 'close');
    });
  }

  for (const perMessageDeflate of [false, { threshold: 0 }]) {
    // As docs/http.md has it: ws calls back out of a queue that all connections share.
    const how = perMessageDeflate ? 'compresses, and is added' : 'does not compress';
    it(`has the messages and the close of a WebSocket that ${how} in the context of its upgrade, which ends with it`, async () => {
      const { namespace, ended, options } = counted(`ws.${how}`);
      instrumentation = instrument(namespace, options);
      server = http.createServer();
      const sockets = new WebSocketServer({ server, perMessageDeflate });
      const seen = [];
      sockets.on('connection', (socket, request) => {
        const id = request.headers['x-id'];
        const look = (what) => seen.push([what, namespace.get('id') === id]);
        if (perMessageDeflate) namespace.active.add(socket);
        look('connection');
        socket.on('message', (message) => {
          look('message');
          const sent = () => look('sent');
          setImmediate(() => socket.send(`${message} ${namespace.get('id')}`, perMessageDeflate ? bind(sent) : sent));
        });
        socket.on('close', () => look('close'));
      });
      const port = await listening(server);
      const answers = await many(async (id) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { 'x-id': id }, perMessageDeflate });
        const texts = [];
        const answered = new Promise((resolve) => {
          socket.on('message', (message) => texts.push(String(message)) === 3 && resolve());
        });
        await once(socket, 'open');
        for (let i = 0; i < 3; i++) socket.send(`${i}`);
        await answered;
        assert.ok(!ended.includes(id));
        socket.close();
        await once(socket, 'close');
        return texts.join();
      });
      assert.deepStrictEqual(
        answers,
        ids.map((id) => `0 ${id},1 ${id},2 ${id}`),
      );
      await until(() => ended.length === CONCURRENCY);
      assert.deepStrictEqual(sorted(ended), sorted(ids));
      assert.deepStrictEqual([seen.length, seen.filter(([, isRight]) => !isRight)], [800, []]);
      sockets.close();
    });
  }

  it('has a tunnel of CONNECT in the context of its request', async () => {
    const { namespace, ended, options } = counted('connect');
    instrumentation = instrument(namespace, options);
    server = http.createServer();
    server.on('connect', (request, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.on('data', (chunk) => setImmediate(() => socket.end(`${chunk} ${namespace.get('id')}`)));
    });
    const port = await listening(server);
    const answers = await many(
      (id) =>
        new Promise((resolve, reject) => {
          const headers = { 'x-id': id };
          const request = http.request({ host: '127.0.0.1', port, method: 'CONNECT', path: 'a:1', headers });
          request.on('error', reject).end();
          request.on('connect', (_, socket) => {
            let text = '';
            socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
            socket.on('end', () => resolve(text));
            socket.write('sent');
          });
        }),
    );
    assert.deepStrictEqual(
      answers,
      ids.map((id) => `sent ${id}`),
    );
    await until(() => ended.length === CONCURRENCY);
    assert.deepStrictEqual(sorted(ended), sorted(ids));
  });

  it('works twice with different namespaces, and with a middleware in the same one', async () => {
    const [a, b] = [counted('twice.a'), counted('twice.b')];
    const instrumentations = [a, b].map(({ namespace, options }) => instrument(namespace, options));
    let inner = 0;
    const wrap = middleware(a.namespace, { init: (context) => context.set('inner', ++inner) });
    server = http.createServer((request, response) => {
      wrap(request, response, () => {
        const own = a.namespace.get('inner');
        response.on('finish', () => request.emit('own', own));
        request.on(
          'own',
          mustCall((given) => assert.strictEqual(a.namespace.get('inner'), given)),
        );
        setImmediate(() =>
          response.end(`${a.namespace.get('id')} ${b.namespace.get('id')} ${a.namespace.get('inner') === own}`),
        );
      });
    });
    const port = await listening(server);
    const [{ text }] = await Promise.all([ask(port, '/', 'id-0')]);
    assert.strictEqual(text, 'id-0 id-0 true');
    await until(() => a.ended.length === 1 && b.ended.length === 1);
    for (const each of instrumentations) each.disable();
  });

  it('leaves requests alone once it is disabled, and ends those that are under way', async () => {
    const { namespace, ended, options } = counted('disabled');
    instrumentation = instrument(namespace, options);
    let release;
    const released = new Promise((resolve) => (release = resolve));
    server = http.createServer(async (request, response) => {
      if (request.url === '/slow') await released;
      response.end(String(namespace.get('id')));
    });
    const port = await listening(server);
    const slow = ask(port, '/slow', 'id-slow');
    await ask(port, '/', 'id-first');
    instrumentation.disable();
    instrumentation.disable();
    assert.strictEqual((await ask(port, '/', 'id-second')).text, 'undefined');
    release();
    assert.strictEqual((await slow).text, 'id-slow');
    await until(() => ended.length === 2);
    assert.deepStrictEqual(ended, ['id-first', 'id-slow']);
  });

  it('passes on what a handler throws, in its context', async () => {
    const { code, stdout, stderr } = await runNode(`
      const http = require('http');
      const { createNamespace } = require('context');
      const { instrument } = require('context/http');
      const namespace = createNamespace('one');
      instrument(namespace, { init: (context) => context.set('id', 7) });
      process.on('uncaughtException', (error) => {
        console.log(error.message, namespace.fromException(error).get('id'), namespace.isActive());
        process.exit();
      });
      const server = http.createServer(() => { throw new Error('thrown'); }).listen(0, '127.0.0.1', () => {
        http.get('http://127.0.0.1:' + server.address().port).on('error', () => {});
      });
    `);
    assert.deepStrictEqual([code, stdout], [0, 'thrown 7 false\n'], stderr);
  });
});

describe('a connection that is kept alive, and idle', () => {
  for (const way of ['instrument', 'middleware', 'instrument, beside another one']) {
    it(`keeps no context of an ended request, by ${way}`, async () => {
      const namespace = createNamespace(`http.idle.${way}`);
      const { watch, collected } = watchCollection();
      const init = (context) => {
        const values = { big: new Array(1000) };
        context.set('values', values);
        watch(values);
      };
      const isInstrumented = way !== 'middleware';
      const instrumentations = isInstrumented ? [instrument(namespace, { init })] : [];
      if (way.includes('another')) {
        for (const name of ['inner', 'outer']) {
          // One of them is inside of the other, whichever that is.
          instrumentations.push(instrument(createNamespace(`http.idle.${name}`), { init }));
        }
      }
      const wrap = middleware(namespace, { init });
      const answer = (_, response) => setImmediate(() => response.end('text'));
      const handler = (request, response) => wrap(request, response, () => answer(request, response));
      const server = http.createServer({ keepAliveTimeout: 600_000 }, isInstrumented ? answer : handler);
      const port = await listening(server);
      const agent = new http.Agent({ keepAlive: true, maxSockets: 10 });
      await Promise.all(Array.from({ length: 10 }, (_, index) => ask(port, '/', `${index}`, { agent })));
      // The timer of the header Date, which the last request may have started.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await collected(isInstrumented ? 10 * instrumentations.length : 10);
      agent.destroy();
      for (const each of instrumentations) each.disable();
      await closed(server);
    });
  }
});
