'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const net = require('node:net');

const { createNamespace } = require('context');
const { instrument, middleware } = require('context/http');

const { mustCall } = require('../../support/must-call');
const { ask, textOf } = require('./client');
const { closeAll, listening, turn } = require('./instrumented');

const namespace = createNamespace('http.cancellation');

/** What happened to each request, by its path: `abort`, with the reason, and `end`, with the outcome, in this order. */
let seen;
let instrumentation;

function init(context, request) {
  const events = (seen[request.url] = []);
  context.signal.addEventListener('abort', () => {
    assert.strictEqual(namespace.active, context);
    events.push(`abort ${context.signal.reason.name}`);
  });
  context.on('end', (outcome) => {
    assert.ok(outcome === undefined || outcome.error !== undefined);
    if (context.signal.aborted) assert.strictEqual(outcome.error, context.signal.reason);
    events.push(`end ${outcome?.error.name}`);
  });
}

const ABORTED = ['abort AbortError', 'end AbortError'];
const FINISHED = ['end undefined'];

async function untilEnded(path) {
  while (!seen[path]?.at(-1)?.startsWith('end')) await turn();
  // An abort or a second end would come now.
  for (let i = 0; i < 5; i++) await turn();
  return seen[path];
}

/** What servers do, by the path. */
const handlers = {
  /** Never answers. */
  '/never': () => {},
  /** Begins to answer. */
  '/half': (request, response) => response.write('a'),
  /** Answers more than a socket takes. */
  '/much': (request, response) => response.end('x'.repeat(300_000)),
  /** Answers more than the system takes. */
  '/long': (request, response) => response.end(Buffer.alloc(30_000_000)),
  /** Answers once the body is there. */
  '/body': (request, response) => void request.resume().on('end', () => response.end('done')),
  /** Answers at once, whatever of the body comes. */
  '/once': (request, response) => response.end('done'),
  '/destroys': (request, response) => void response.destroy(),
};

const handle = (request, response) => handlers[request.url](request, response);

/** A connection to which requests are written as they are. */
async function connected(port) {
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const head = (path, more = '') => `POST ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const begun = async (path) => {
  while (seen[path] === undefined) await turn();
};

/** What is written, whether an answer is awaited before the client leaves, and what happens then. */
const cases = {
  'before the body': [head('/body', 'Content-Length: 10\r\n'), false, '/body', ABORTED],
  'in the middle of the body': [`${head('/body', 'Content-Length: 10\r\n')}12345`, false, '/body', ABORTED],
  'after the body, before the response': [`${head('/never', 'Content-Length: 1\r\n')}1`, false, '/never', ABORTED],
  'in the middle of the response': [head('/half', 'Content-Length: 0\r\n'), true, '/half', ABORTED],
  'in the middle of a long response that was ended': [head('/long', 'Content-Length: 0\r\n'), true, '/long', ABORTED],
  'after the response': [head('/once', 'Content-Length: 0\r\n'), true, '/once', FINISHED],
  'after the response, in the middle of the body': [`${head('/once', 'Content-Length: 10\r\n')}1`, true, '/once', FINISHED],
};

describe('the signal of a request', () => {
  beforeEach(() => {
    seen = {};
    instrumentation = instrument(namespace, { init });
  });
  afterEach(async () => {
    instrumentation.disable();
    await closeAll();
  });

  for (const [when, [text, answers, path, expected]] of Object.entries(cases)) {
    for (const isKept of [false, true]) {
      it(`says whether the client has left ${when}${isKept ? ', after another request of the connection' : ''}`, async () => {
        const socket = await connected(await listening(http.createServer(handle)));
        if (isKept) {
          socket.write(`${head('/body', 'Content-Length: 1\r\n')}1`);
          await once(socket, 'data');
          assert.deepStrictEqual(await untilEnded('/body'), FINISHED);
          delete seen['/body'];
        }
        socket.write(text);
        await (answers ? once(socket, 'data') : begun(path));
        if (path === '/once') assert.deepStrictEqual(await untilEnded(path), expected);
        socket.destroy();
        assert.deepStrictEqual(await untilEnded(path), expected);
      });
    }
  }

  it('aborts those of all pipelined requests that wait for their turn, and not that of one that was answered', async () => {
    const socket = await connected(await listening(http.createServer(handle)));
    const paths = ['/once', '/half', '/never', '/body', '/destroys'];
    handlers['/destroys'] = handlers['/never'];
    socket.write(paths.map((path) => head(path, 'Content-Length: 0\r\n')).join(''));
    for (const path of paths) await begun(path);
    assert.deepStrictEqual(await untilEnded('/once'), FINISHED);
    socket.destroy();
    for (const path of paths.slice(1)) assert.deepStrictEqual([path, await untilEnded(path)], [path, ABORTED]);
    handlers['/destroys'] = (request, response) => void response.destroy();
  });

  it('is not aborted if pipelined requests are answered, also later than the next one', async () => {
    const waiting = {};
    const server = http.createServer((request, response) => (waiting[request.url] = response));
    const socket = await connected(await listening(server));
    const paths = ['/1', '/2', '/3'];
    socket.write(paths.map((path) => head(path, 'Content-Length: 0\r\n')).join(''));
    while (waiting['/3'] === undefined) await turn();
    for (const path of paths.toReversed()) waiting[path].end();
    for (const path of paths) assert.deepStrictEqual(await untilEnded(path), FINISHED);
    socket.destroy();
    for (let i = 0; i < 5; i++) await turn();
    for (const path of paths) assert.deepStrictEqual(seen[path], FINISHED);
  });

  it('aborts if the application destroys the response, and not when an upgraded socket is closed', async () => {
    const server = http.createServer(handle).on('upgrade', (request, socket) => socket.destroy());
    const port = await listening(server);
    await assert.rejects(ask(port, '/destroys', '', { agent: false }));
    assert.deepStrictEqual(await untilEnded('/destroys'), ABORTED);
    const socket = await connected(port);
    socket.write(head('/up', 'Connection: Upgrade\r\nUpgrade: a\r\n'));
    socket.resume();
    assert.ok((await untilEnded('/up')).every((event) => !event.startsWith('abort')));
  });

  for (const event of ['request', 'stream']) {
    it(`says of HTTP/2 whether the client has left: ${event}`, async () => {
      const server = http2.createServer();
      const paths = { '/never': ABORTED, '/half': ABORTED, '/much': ABORTED, '/gone': ABORTED, '/once': FINISHED };
      const answers = { ...handlers, '/gone': () => {} };
      if (event === 'request') server.on('request', (request, response) => answers[request.url](request, response));
      else {
        server.on('stream', (stream, headers) => {
          stream.on('error', () => {});
          if (['/half', '/much', '/once'].includes(headers[':path'])) stream.respond();
          answers[headers[':path']]({ resume: () => stream }, stream);
        });
      }
      const session = http2.connect(`http://127.0.0.1:${await listening(server)}`).on('error', () => {});
      const requests = {};
      for (const path of Object.keys(paths)) requests[path] = session.request({ ':path': path }).on('error', () => {});
      assert.strictEqual(await textOf(requests['/once']), 'done');
      for (const path of Object.keys(paths)) await begun(path);
      const cancelled = ['/never', '/half', '/much'];
      for (const path of cancelled) requests[path].close(http2.constants.NGHTTP2_CANCEL);
      for (const path of cancelled) await untilEnded(path);
      assert.deepStrictEqual(seen['/gone'], []);
      session.destroy();
      for (const path of Object.keys(paths)) assert.deepStrictEqual([path, await untilEnded(path)], [path, paths[path]]);
    });
  }
});

describe('the timeout of a request', () => {
  beforeEach(() => (seen = {}));
  afterEach(async () => {
    instrumentation?.disable();
    instrumentation = undefined;
    await closeAll();
  });

  const answerOnAbort = (_, response) => {
    const { signal } = namespace;
    signal.addEventListener('abort', () => response.end(`${signal.reason.name} ${namespace.active.remainingTime}`));
  };

  for (const way of ['instrument', 'middleware', 'both']) {
    it(`aborts the signal, and leaves the response to the application: ${way}`, async () => {
      if (way === 'instrument') instrumentation = instrument(namespace, { init, timeout: 5 });
      else if (way === 'both') instrumentation = instrument(namespace, { init });
      const wrap = middleware(namespace, { init: way === 'both' ? () => {} : init, timeout: 5 });
      const handler = way === 'instrument' ? answerOnAbort : (...args) => wrap(...args, () => answerOnAbort(...args));
      const { text } = await ask(await listening(http.createServer(handler)), '/late', '');
      assert.strictEqual(text, 'TimeoutError 0');
      assert.deepStrictEqual(await untilEnded('/late'), ['abort TimeoutError', 'end TimeoutError']);
    });
  }

  it('of a middleware leaves the deadline alone that there is', async () => {
    instrumentation = instrument(namespace, { timeout: 1e9 });
    const wrap = middleware(namespace, { timeout: 1e8 });
    const answer = (response) => response.end(String(namespace.active.remainingTime > 5e8));
    const port = await listening(http.createServer((...args) => wrap(...args, () => answer(args[1]))));
    assert.strictEqual((await ask(port, '/', '', { agent: false })).text, 'true');
  });

  it('is gone when the response is finished', async () => {
    instrumentation = instrument(namespace, { timeout: 2 ** 31 - 1 });
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const contexts = [];
    const server = http.createServer((_, response) => {
      contexts.push(namespace.active);
      response.end(String(namespace.active.remainingTime < 2 ** 31));
    });
    const port = await listening(server);
    const before = timers();
    for (let i = 0; i < 3; i++) assert.strictEqual((await ask(port, '/', '', { agent: false })).text, 'true');
    while (!contexts.every(({ ended }) => ended) || timers() > before) await turn();
    assert.ok(contexts.every(({ signal }) => !signal.aborted));
  });

  it('is refused if it is no duration, before anything changes', () => {
    for (const [timeout, code] of [
      ['5', 'TYPE'],
      [null, 'TYPE'],
      [-1, 'RANGE'],
      [NaN, 'RANGE'],
      [2 ** 31, 'RANGE'],
      [Infinity, 'RANGE'],
    ]) {
      // prettier-ignore
      for (const make of [instrument, middleware]) {
        const expected = code === 'TYPE' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_OUT_OF_RANGE';
        assert.throws(() => make(namespace, { timeout, init: mustCall(() => {}, 0) }), { code: expected });
      }
    }
  });
});
