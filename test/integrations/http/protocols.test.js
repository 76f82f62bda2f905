'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const http = require('node:http');
const net = require('node:net');

const { createNamespace } = require('context');
const { instrument, middleware } = require('context/http');

const { runNode } = require('../../support/child');
const { watchCollection } = require('../../support/collected');
const { ask, pipelined, textOf } = require('./client');
const { closeAll, ids, instrumented, listening, many, turn } = require('./instrumented');

describe('instrument', () => {
  afterEach(closeAll);

  it('keeps pipelined requests apart, whose responses wait for each other', async () => {
    const { ended, port, allEnded } = await instrumented('pipelined', (namespace) =>
      http.createServer(async (request, response) => {
        // The first ones take longest.
        for (let i = Number(request.headers['x-id'].slice(3)); i < ids.length; i++) await null;
        response.end(`<${namespace.get('id')}>`);
      }),
    );
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    socket.write(pipelined(ids));
    while (!text.includes(`<${ids.at(-1)}>`)) await turn();
    await allEnded();
    socket.destroy();
    assert.strictEqual(text.match(/<.*?>/g).join(), ids.map((id) => `<${id}>`).join());
    assert.deepStrictEqual(ended, ids);
  });

  it('ends pipelined requests once whose connection is closed before their turn', async () => {
    const begun = [];
    const { ended, port, allEnded } = await instrumented('closed', () =>
      http.createServer((request, response) => {
        begun.push(response);
        if (begun.length % 2 === 0) response.end('done at once');
      }),
    );
    const socket = net.connect(port, '127.0.0.1');
    socket.write(pipelined(ids));
    while (begun.length < ids.length) await turn();
    assert.deepStrictEqual(ended, []);
    socket.destroy();
    await allEnded();
  });

  it('has one context for a request that a server hands on to another one, at once or later, from elsewhere', async () => {
    const waiting = [];
    const { port, allEnded } = await instrumented('handed.on', (namespace) => {
      const inner = http.createServer((request, response) => response.end(namespace.get('id')));
      return http.createServer((request, response) => {
        const handOn = () => inner.emit('request', request, response);
        if (request.url === '/at-once') handOn();
        else if (waiting.push(handOn) === ids.length) waiting.forEach((each) => each());
      });
    });
    for (const url of ['/at-once', '/later']) {
      assert.deepStrictEqual(await many(async (id) => (await ask(port, url, id)).text), ids);
    }
    await allEnded([...ids, ...ids]);
  });

  it('leaves requests and responses alone that are not those of Node.js', async () => {
    const got = [];
    const { server } = await instrumented('foreign', () => http.createServer((...args) => got.push(args)));
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
    const { ended, port, allEnded } = await instrumented('kept', (namespace) =>
      http.createServer((request, response) => {
        namespace.set(request.headers['x-id'], true);
        response.end(Object.keys(namespace.toObject()).join());
      }),
    );
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (const id of ids) assert.strictEqual((await ask(port, '/', id, { agent })).text, `id,${id}`);
    agent.destroy();
    await allEnded();
    assert.deepStrictEqual(ended, ids);
  });

  for (const hasListener of [false, true]) {
    it(`keeps requests apart that expect to go on, ${hasListener ? 'with a listener' : 'by default'}`, async () => {
      const seen = [];
      const { port, allEnded } = await instrumented(`expect.${hasListener}`, (namespace) => {
        const server = http.createServer((request, response) => {
          request.resume().on('end', () => response.end(namespace.get('id')));
        });
        if (!hasListener) return server;
        return server.on('checkContinue', (request, response) => {
          seen.push(namespace.get('id'));
          response.writeContinue();
          setImmediate(() => server.emit('request', request, response));
        });
      });
      const answers = await many(
        (id) =>
          new Promise((resolve, reject) => {
            const headers = { 'x-id': id, expect: '100-continue' };
            const request = http.request({ host: '127.0.0.1', port, method: 'POST', headers });
            request.on('response', (response) => resolve(textOf(response)));
            request.on('continue', () => request.end('body')).on('error', reject);
            request.flushHeaders();
          }),
      );
      assert.deepStrictEqual(answers, ids);
      if (hasListener) assert.deepStrictEqual(seen.sort(), ids.toSorted());
      await allEnded();
    });
  }

  it('has trailers read and sent in the context', async () => {
    const { port, allEnded } = await instrumented('trailers', (namespace) =>
      http.createServer((request, response) => {
        request.resume().on('end', () => {
          response.writeHead(200, { Trailer: 'x-id' });
          response.write('body');
          response.addTrailers({ 'x-id': `${namespace.get('id')} ${request.trailers['x-trailer']}` });
          response.end();
        });
      }),
    );
    const answers = await many(
      (id) =>
        new Promise((resolve, reject) => {
          const headers = { 'x-id': id, trailer: 'x-trailer', 'transfer-encoding': 'chunked' };
          const request = http.request({ host: '127.0.0.1', port, method: 'POST', headers }, (response) => {
            response.resume().on('end', () => resolve(response.trailers['x-id']));
          });
          request.on('error', reject);
          request.addTrailers({ 'x-trailer': id });
          request.end('body');
        }),
    );
    assert.strictEqual(answers.join(), ids.map((id) => `${id} ${id}`).join());
    await allEnded();
  });

  it('works twice with different namespaces, and with a middleware in the same one', async () => {
    let inner = 0;
    const seen = [];
    const init = (context) => context.set('inner', ++inner);
    const b = await instrumented('twice.b', () => http.createServer());
    const a = await instrumented('twice.a', (namespace) => {
      const wrap = middleware(namespace, { init });
      const innerNow = () => namespace.get('inner');
      return http.createServer((request, response) => {
        wrap(request, response, () => {
          const own = innerNow();
          request.on('own', () => seen.push(innerNow() === own));
          response.on('finish', () => request.emit('own'));
          setImmediate(() => response.end(`${innerNow() === own} ${idsNow()}`));
        });
      });
    });
    const idsNow = () => `${a.namespace.get('id')} ${b.namespace.get('id')}`;
    assert.strictEqual((await ask(a.port, '/', 'id-0')).text, 'true id-0 id-0');
    for (const each of [a, b]) await each.allEnded(['id-0']);
    assert.deepStrictEqual(seen, [true]);
  });

  it('leaves requests alone once it is disabled, and ends those that are under way', async () => {
    let release;
    const released = new Promise((resolve) => (release = resolve));
    const { instrumentation, port, allEnded } = await instrumented('disabled', (namespace) =>
      http.createServer(async (request, response) => {
        if (request.url === '/slow') await released;
        response.end(String(namespace.get('id')));
      }),
    );
    const slow = ask(port, '/slow', 'id-slow');
    await ask(port, '/', 'id-first');
    for (let i = 0; i < 2; i++) instrumentation.disable();
    assert.strictEqual((await ask(port, '/', 'id-second')).text, 'undefined');
    release();
    assert.strictEqual((await slow).text, 'id-slow');
    await allEnded(['id-first', 'id-slow']);
  });

  it('passes on what a handler throws, in its context', async () => {
    const { code, stdout, stderr } = await runNode(`
      const http = require('http');
      const namespace = require('context').createNamespace('one');
      require('context/http').instrument(namespace, { init: (context) => context.set('id', 7) });
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
  afterEach(closeAll);

  for (const [way, count] of Object.entries({ middleware: 0, instrument: 1, 'instrument, beside others': 3 })) {
    it(`keeps no context of an ended request, by ${way}`, async () => {
      const { watch, collected } = watchCollection();
      const init = (context) => {
        const values = { big: new Array(1000) };
        context.set('values', values);
        watch(values);
      };
      const instrumentations = Array.from({ length: count }, (_, index) =>
        instrument(createNamespace(`http.idle.${count}.${index}`), { init }),
      );
      const answer = (response) => {
        // Node.js would keep the context in which it started its clock for the header, for a second.
        response.sendDate = false;
        setImmediate(() => response.end('text'));
      };
      const wrap = middleware(createNamespace(`http.idle.${count}`), { init });
      const handler = (request, response) => (count > 0 ? answer(response) : wrap(request, response, () => answer(response)));
      const port = await listening(http.createServer({ keepAliveTimeout: 600_000 }, handler));
      const agent = new http.Agent({ keepAlive: true, maxSockets: 10 });
      await Promise.all(Array.from({ length: 10 }, (_, index) => ask(port, '/', `${index}`, { agent })));
      await collected(10 * Math.max(count, 1));
      agent.destroy();
      for (const each of instrumentations) each.disable();
    });
  }
});
