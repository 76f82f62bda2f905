'use strict';

const assert = require('node:assert');
const { fork, spawn } = require('node:child_process');
const dgram = require('node:dgram');
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { PassThrough, Readable } = require('node:stream');
const { setImmediate: turn } = require('node:timers/promises');
const { MessageChannel, Worker } = require('node:worker_threads');

const lightMyRequest = require('light-my-request');

const { createNamespace } = require('context');
const { middleware } = require('context/http');

const { linesOf } = require('../support/child');
const { assertSame, counted } = require('../support/contexts');

const namespace = createNamespace('end-with.kinds');

/** A context that ends with a target, and a promise of that. */
function endingWith(target) {
  const { context, ends } = counted(namespace);
  const ended = once(context, 'end');
  context.run(() => assert.strictEqual(context.endWith(target), context));
  return { context, ended, ends };
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const idle = [process.execPath, ['-e', 'process.stdin.resume()']];
const worker = () => new Worker('setInterval(() => {}, 1e6)', { eval: true });

/** A promise, and what settles it by the method `resolve` or `reject`. */
function settling(method) {
  let settle;
  const promise = new Promise((resolve, reject) => (settle = { resolve, reject }[method]));
  return [promise, () => settle(new Error('the reason'))];
}

function signal(listener) {
  const controller = new AbortController();
  controller.signal.addEventListener('abort', listener);
  return [controller.signal, () => controller.abort()];
}

/** Targets of which nobody can see that they are over. */
const stateless = {
  'an emitter': () => [new EventEmitter(), (emitter) => emitter.emit('close')],
  'an object that has `once`': () => {
    let listener;
    return [{ once: (event, given) => (listener = event === 'close' && given), emit() {} }, () => listener()];
  },
};

/** By what a target is, how to make one that is not over, and what ends it. */
const targets = {
  ...stateless,
  'a stream that is destroyed': () => [new PassThrough(), (stream) => stream.destroy()],
  'a stream that fails': () => [new PassThrough().on('error', () => {}), (stream) => stream.destroy(new Error('failed'))],
  'a stream that is read to its end': () => [Readable.from(['chunk']), (stream) => stream.resume()],
  'a promise that is fulfilled': () => settling('resolve'),
  'a promise that is rejected': () => settling('reject'),
  'a signal': () => signal(() => {}),
  'a signal whose event another listener stops': () => signal((event) => event.stopImmediatePropagation()),
  'a server': async () => [await listening(net.createServer()), (server) => server.close()],
  'a server that has not listened yet': () => [net.createServer(), async (server) => (await listening(server)).close()],
  'a server that is closed, with a connection left': async () => {
    const server = await listening(net.createServer());
    net.connect(server.address().port, '127.0.0.1').resume();
    const [connection] = await once(server, 'connection');
    server.close();
    await turn();
    return [server, () => connection.end()];
  },
  'a child process': () => [
    spawn(...idle).on('spawn', function () {
      this.stdout.resume();
    }),
    (child) => child.kill(),
  ],
  'a child process that exited, with output that nobody has read': async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1)']);
    await once(child, 'exit');
    return [child, () => child.stdout.resume()];
  },
  'a child process with a channel': () => {
    return [fork(path.join(__dirname, '../support/child.js'), [], { stdio: 'ignore' }), (child) => child.kill()];
  },
  'a program that is not there': () => [spawn(path.join(os.tmpdir(), 'not-there')).on('error', () => {}), () => {}],
  'a worker thread': () => [worker(), (thread) => thread.terminate()],
  'a port': () => {
    const { port1, port2 } = new MessageChannel();
    return [port1, () => port2.close()];
  },
  'a port that has a listener': () => [new MessageChannel().port1.on('message', () => {}), (port) => port.close()],
  'a datagram socket': async () => {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return [socket, () => socket.close()];
  },
  'a datagram socket that is not bound': () => [dgram.createSocket('udp4'), (socket) => socket.close()],
  'a readline interface': () => [readline.createInterface({ input: new PassThrough() }), (lines) => lines.close()],
  'a file handle': async () => [await fs.promises.open(__filename), (handle) => handle.close()],
  'a watcher of a folder': () => [fs.watch(__dirname), (watcher) => watcher.close()],
  'a watcher of a file': () => [fs.watchFile(__filename, () => {}), () => fs.unwatchFile(__filename)],
  'a session of HTTP/2 that accepts no more streams, with one open': async () => {
    const server = await listening(http2.createServer());
    const streams = once(server, 'stream');
    const session = http2.connect(`http://127.0.0.1:${server.address().port}`);
    const request = session.request();
    const [stream] = await streams;
    stream.respond();
    await once(request, 'response');
    request.resume();
    session.close();
    await turn();
    const end = () => {
      stream.end();
      server.close();
    };
    return [session, end];
  },
  'a WebSocket': () => {
    const socket = Object.assign(new EventEmitter(), { CLOSED: 3, readyState: 0 });
    return [socket, () => Object.assign(socket, { readyState: 3 }).emit('close')];
  },
};

/** By target, the message of the error in its outcome. */
const failures = {
  'a stream that fails': 'failed',
  'a promise that is rejected': 'the reason',
  'a signal': 'This operation was aborted',
  'a signal whose event another listener stops': 'This operation was aborted',
};

describe('endWith, by what it is given', () => {
  for (const [what, make] of Object.entries(targets)) {
    it(`ends once, when it is over, and in a later turn if it was before, in the context, with its outcome: ${what}`, async () => {
      const outer = namespace.createContext();
      const assertOutcome = (outcome) => {
        assert.strictEqual(outcome?.error.message, failures[what]);
        assert.strictEqual(outcome === undefined, !(what in failures));
      };
      const [target, close] = await make();
      const { context, ended, ends } = outer.run(() => endingWith(target));
      const bound = context.bind(() => {});
      const use = async () => {
        bound();
        await context.run(async () => turn());
      };
      if (what !== 'a program that is not there') {
        await use();
        assert.deepStrictEqual([ends.length, context.ended], [0, false]);
      }
      namespace.run(() => close(target));
      assertOutcome(...(await ended));
      await use();
      context.end();
      assertSame(ends, [context]);
      assert.strictEqual(context.ended, true);
      if (what in stateless) return;
      const after = endingWith(target);
      assert.strictEqual(after.context.ended, false);
      assertOutcome(...(await after.ended));
      await turn();
      assertSame(after.ends, [after.context]);
    });
  }

  it('ends in a later turn if a stream is destroyed and not closed yet, or a signal was aborted before', async () => {
    for (const target of [new PassThrough().destroy(), AbortSignal.abort()]) {
      const { context, ended } = endingWith(target);
      assert.strictEqual(context.ended, false);
      await ended;
    }
  });

  it('leaves a port as it was, which keeps no process alive, and ends with a worker of node:cluster, which has no close', async () => {
    const lines = await linesOf(`
      const cluster = require('cluster');
      const { once } = require('events');
      const { MessageChannel } = require('worker_threads');
      const { port1 } = new MessageChannel();
      port1.on('message', () => {});
      port1.unref();
      const namespace = require('context').createNamespace('ends');
      const ended = (target) => once(namespace.createContext().endWith(target), 'end');
      ended(port1);
      cluster.setupPrimary({ exec: require.resolve('./test/support/child.js') });
      const worker = cluster.fork();
      ended(worker).then(() => ended(worker)).then(() => console.log('ended twice'));
      worker.kill();
    `);
    assert.deepStrictEqual(lines, ['ended twice']);
  });
});

/** Responses that no server closes, with what finishes them. */
const responses = {
  'detached from its socket': () => {
    const response = new http.ServerResponse(new http.IncomingMessage(null));
    const socket = new PassThrough().resume();
    response.assignSocket(socket);
    const finish = () => {
      response.end('text');
      response.detachSocket(socket);
    };
    return [response, finish];
  },
  'with a socket that an adapter has made up': () => {
    const response = new http.ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1, headers: {} });
    const write = (chunk, encoding, callback) => (typeof encoding === 'function' ? encoding : callback)?.();
    const methods = ['on', 'removeListener', 'destroy', 'cork', 'uncork'].map((name) => [name, () => {}]);
    response.assignSocket({ _writableState: {}, writable: true, write, ...Object.fromEntries(methods) });
    return [response, () => response.end('text')];
  },
};

describe('endWith of a response', () => {
  for (const [what, make] of Object.entries(responses)) {
    it(`ends when it is finished, ${what}, and at once if it was before`, async () => {
      const [response, finish] = make();
      const before = endingWith(response);
      response.write('more');
      await turn();
      assert.strictEqual(before.context.ended, false);
      finish();
      await before.ended;
      await turn();
      const after = endingWith(response);
      await after.ended;
      response.emit('close');
      await turn();
      assert.deepStrictEqual([before.ends.length, after.ends.length], [1, 1]);
      assert.deepStrictEqual([response.listenerCount('finish'), response.listenerCount('close')], [0, 0]);
    });
  }

  it('ends in an injector of tests', async () => {
    const ends = [];
    const serve = (response, context) => {
      context.on('end', () => ends.push(response.writableEnded));
      setImmediate(() => {
        assert.strictEqual(context.ended, false);
        response.end('text');
      });
    };
    const begin = middleware(namespace);
    const handlers = [
      (request, response) => serve(response, endingWith(response).context),
      (request, response) => begin(request, response, () => serve(response, namespace.active)),
    ];
    for (const handler of handlers) assert.strictEqual((await lightMyRequest(handler, { url: '/' })).payload, 'text');
    await turn();
    assert.deepStrictEqual(ends, [true, true]);
  });

  it('ends the context of context/http if an adapter has made the response', async () => {
    const [response, finish] = responses['with a socket that an adapter has made up']();
    const request = Object.assign(new http.IncomingMessage(null), { url: '/' });
    let context;
    middleware(namespace)(request, response, () => (context = namespace.active));
    assert.strictEqual(context.ended, false);
    const ended = once(context, 'end');
    finish();
    await ended;
  });

  it('ends in the order of pipelined requests, each after it was sent, also if the connection is closed', async () => {
    const served = [];
    const server = await listening(
      http.createServer((request, response) => {
        const ending = endingWith(response);
        ending.context.on('end', () => served.push([request.url, response.writableFinished]));
        ending.response = response;
        waiting.push(ending);
        if (waiting.length === 4) server.emit('all');
      }),
    );
    const waiting = [];
    const all = once(server, 'all');
    const client = net.connect(server.address().port, '127.0.0.1').resume();
    client.write(['/0', '/1', '/2', '/3'].map((url) => `GET ${url} HTTP/1.1\r\nHost: here\r\n\r\n`).join(''));
    await all;
    waiting[1].response.end('first, but second in the queue');
    await turn();
    assert.deepStrictEqual(served, []);
    waiting[0].response.end();
    await waiting[1].ended;
    await turn();
    assert.deepStrictEqual(served.join(), '/0,true,/1,true');
    client.destroy();
    await Promise.all(waiting.map(({ ended }) => ended));
    assert.ok(waiting.every(({ ends }) => ends.length === 1));
    server.close();
    await once(server, 'close');
  });
});
