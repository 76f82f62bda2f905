'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');

const { bind } = require('context');
const { WebSocket, WebSocketServer } = require('ws');

const { textOf } = require('./client');
const { closeAll, ids, instrumented, many } = require('./instrumented');

/** Answers a stream with the id, and how much it gave. */
const answer = (namespace) => (request, response) => {
  let length = 0;
  request.on('data', (chunk) => (length += chunk.length));
  request.on('end', () => setImmediate(() => response.end(`${namespace.get('id')} ${length}`)));
};

/** Servers of HTTP/2, by what they serve. */
const servers = {
  'compatibility requests': (namespace) => http2.createServer(answer(namespace)),
  'streams, handed on to another server,': (namespace) => {
    const inner = http2.createServer().on('stream', (stream) => answer(namespace)(stream, stream));
    return http2.createServer().on('stream', (stream, headers) => inner.emit('stream', stream, headers));
  },
};

describe('instrument', () => {
  afterEach(closeAll);

  for (const [kind, makeServer] of Object.entries(servers)) {
    it(`keeps ${kind} of HTTP/2 apart, on one connection`, async () => {
      const { port, server, allEnded } = await instrumented(`http2.${kind}`, makeServer);
      const client = http2.connect(`http://127.0.0.1:${port}`);
      const answers = await many(async (id) => {
        const stream = client.request({ ':path': '/', ':method': 'POST', 'x-id': id });
        stream.end('x'.repeat(10_000));
        return textOf(stream);
      });
      assert.strictEqual(answers.join(), ids.map((id) => `${id} 10000`).join());
      await allEnded();
      client.close();
      server.close();
      await once(server, 'close');
    });
  }

  for (const perMessageDeflate of [false, { threshold: 0 }]) {
    // As docs/http.md has it: ws calls back out of a queue that all connections share.
    const how = perMessageDeflate ? 'compresses, and is added' : 'does not compress';
    it(`has the messages and the close of a WebSocket that ${how} in the context of its upgrade, which ends with it`, async () => {
      const seen = [];
      let sockets;
      const { ended, port, allEnded } = await instrumented(`ws.${how}`, (namespace) => {
        const server = http.createServer();
        sockets = new WebSocketServer({ server, perMessageDeflate });
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
        return server;
      });
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
      assert.strictEqual(answers.join(), ids.map((id) => `0 ${id},1 ${id},2 ${id}`).join());
      await allEnded();
      assert.deepStrictEqual([seen.length, seen.filter(([, isRight]) => !isRight)], [8 * ids.length, []]);
      sockets.close();
    });
  }

  it('has a tunnel of CONNECT in the context of its request', async () => {
    const { port, allEnded } = await instrumented('connect', (namespace) =>
      http.createServer().on('connect', (request, socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.on('data', (chunk) => setImmediate(() => socket.end(`${chunk} ${namespace.get('id')}`)));
      }),
    );
    const answers = await many(async (id) => {
      const request = http.request({ host: '127.0.0.1', port, method: 'CONNECT', path: 'a:1', headers: { 'x-id': id } });
      request.end();
      const [, socket] = await once(request, 'connect');
      socket.write('sent');
      return textOf(socket);
    });
    assert.strictEqual(answers.join(), ids.map((id) => `sent ${id}`).join());
    await allEnded();
  });
});
