'use strict';

/** Programs to run on each runtime: `programs.js NAME ARGUMENT…`. Most print how often code saw the right value, as JSON. */

const { EventEmitter, once } = require('node:events');
const fs = require('node:fs/promises');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');

const { bind, createNamespace, engine } = require('context');

/** How many units of work run concurrently, and how many if each has its own sockets. */
const UNITS = 100;
const SOCKETS = 20;

/** In milliseconds: a runtime that lacks an event lets its test time out. */
const TEST_TIMEOUT = 30_000;

/** How often code saw the right value, none, and that of another unit of work. */
const counts = { right: 0, lost: 0, wrong: 0 };

/** Counts a value. */
function count(value, expected) {
  counts[value === expected ? 'right' : (value ?? undefined) === undefined ? 'lost' : 'wrong']++;
}

/** Returns a function that counts a namespace's value. */
const looker = (namespace, key, expected) => () => count(namespace.get(key), expected);

/** Prints a line of JSON and ends the process, which may still have open handles. */
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`, () => process.exit());

const later = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
const all = (number, work) => Promise.all(Array.from({ length: number }, (_, index) => work(index)));
const HOPS = [(go) => setTimeout(go, 1), setImmediate, process.nextTick, queueMicrotask];

/** Sends a server 100 concurrent requests, each with an id and a body, and counts the ids that it answers with. */
async function send(port) {
  await all(UNITS, async (index) => {
    const id = `request ${index}`;
    const options = { method: 'POST', headers: { 'x-request-id': id }, body: `the body of ${id}` };
    const response = await fetch(`http://127.0.0.1:${port}/`, options);
    count(await response.text(), id);
  });
}

async function serve(handler) {
  const server = http.createServer(handler);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await send(server.address().port);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A server that runs each request in its own context, and calls code that doesn't get the request. */
async function plain() {
  const namespace = createNamespace('server');
  const find = async (id) => {
    const look = looker(namespace, 'id', id);
    look();
    const last = () => new Promise((resolve) => process.nextTick(() => setImmediate(() => queueMicrotask(resolve))));
    for (const wait of [later, later, later, () => fs.readFile(__filename), last]) {
      await wait();
      look();
    }
    return namespace.get('id');
  };
  await serve((request, response) => {
    namespace.run(async () => {
      const id = request.headers['x-request-id'];
      namespace.set('id', id);
      response.end(await find(id));
    });
  });
  count(namespace.isActive() ? 'active' : 'none', 'none');
  print(counts);
}

/** The runtime's own server, Bun.serve or Deno.serve, with each request in its own context. */
async function native() {
  const namespace = createNamespace('native');
  const handler = async (request) => {
    const id = request.headers.get('x-request-id');
    namespace.set('id', id);
    const body = await request.text();
    count(namespace.get('id'), id);
    count(body, `the body of ${id}`);
    await later();
    return new Response(namespace.get('id'));
  };
  const { Bun, Deno } = globalThis;
  const listener = (request) => namespace.run(handler, request);
  const options = { port: 0, hostname: '127.0.0.1' };
  if (Bun !== undefined) await send(Bun.serve({ ...options, fetch: listener }).port);
  else await send(Deno.serve({ ...options, onListen: () => {} }, listener).addr.port);
  print(counts);
}

/** A server instrumented by context/http: the handler, the body read in two ways, the response, and one `end`. */
async function instrumented() {
  const namespace = createNamespace('http');
  let ends = 0;
  let requests = 0;
  const init = (context, request) => {
    context.set('id', request.headers['x-request-id']);
    context.on('end', () => ends++);
  };
  const instrumentation = require('context/http').instrument(namespace, { init });
  const read = async (request, look) => {
    let text = '';
    if (++requests % 2 === 0) {
      for await (const piece of request) text += piece;
    } else {
      request.setEncoding('utf8').on('data', look).on('end', look);
      request.on('data', (piece) => (text += piece));
      await once(request, 'end');
    }
    return text;
  };
  await serve(async (request, response) => {
    const id = request.headers['x-request-id'];
    const look = looker(namespace, 'id', id);
    look();
    for (const event of ['finish', 'close']) response.on(event, look);
    const body = await read(request, look);
    look();
    await later();
    count(body, `the body of ${id}`);
    response.end(namespace.get('id'));
  });
  // The last responses close after they were received.
  for (let turn = 0; turn < 50 && ends < UNITS; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
  instrumentation.disable();
  print({ ...counts, ends, requests: UNITS });
}

/** 1,000 concurrent simulated requests, as in test/propagation/cross-talk.test.js, without some hops. */
async function crossTalk(...without) {
  const { checked, foreign, first } = await require('../../test/propagation/random/cross-talk').crossTalk({
    checks: 200_000,
    seed: 7,
    without,
  });
  print({ right: checked - foreign, lost: 0, wrong: foreign, first });
}

/** context/cls: concurrent units of work that set values, and use a bound function and an emitter. */
async function cls() {
  const namespace = require('context/cls').createNamespace('cls');
  const pool = [];
  const work = async (id) => {
    const look = looker(namespace, 'unit', id);
    namespace.set('unit', id);
    const emitter = new EventEmitter();
    namespace.bindEmitter(emitter);
    emitter.on('event', look);
    pool.push(namespace.bind(look), () => emitter.emit('event'));
    for (const hop of HOPS) {
      await new Promise(hop);
      look();
    }
    namespace.run(() => {
      namespace.set('inner', id);
      setImmediate(() => {
        look();
        count(namespace.get('inner'), id);
      });
    });
    count(namespace.get('inner') ?? 'none', 'none');
  };
  await all(UNITS, (index) => namespace.runPromise(() => work(`unit ${index}`)));
  for (const call of pool) call();
  await new Promise(setImmediate);
  count(namespace.active ?? 'none', 'none');
  print(counts);
}

/** context/opentelemetry: spans of concurrent units of work, which must have the right parents. */
async function opentelemetry() {
  const api = require('@opentelemetry/api');
  const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
  const exporter = new InMemorySpanExporter();
  api.context.setGlobalContextManager(new (require('context/opentelemetry').ContextManager)().enable());
  api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  const tracer = api.trace.getTracer('runtimes');
  const pool = [];
  const work = (id) =>
    tracer.startActiveSpan(id, async (span) => {
      const look = () => count(api.trace.getActiveSpan()?.name, id);
      look();
      pool.push(api.context.bind(api.context.active(), look));
      for (const hop of HOPS) {
        await new Promise(hop);
        look();
        tracer.startSpan(`child of ${id}`).end();
      }
      span.end();
    });
  await all(UNITS, (index) => work(`unit ${index}`));
  for (const call of pool) call();
  const spans = exporter.getFinishedSpans();
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  for (const { name, parentSpanContext } of spans) {
    if (name.startsWith('child of ')) count(names.get(parentSpanContext?.spanId), name.slice('child of '.length));
  }
  count(api.trace.getActiveSpan()?.name ?? 'none', 'none');
  print(counts);
}

/**
 * What loses its context on Bun or Deno, repaired with `add` for emitters and `bind` for callbacks: the events of a socket, a message
 * of a channel, a signal with a timeout.
 */
async function repairs() {
  const namespace = createNamespace('repairs');
  const connect = async (port, look) => {
    const socket = namespace.active.add(net.connect(port, '127.0.0.1'));
    for (const event of ['connect', 'data', 'finish', 'end', 'close']) socket.on(event, look);
    socket.end('text');
    await once(socket, 'close');
  };
  const post = async (look) => {
    const { port1, port2 } = new MessageChannel();
    await new Promise((resolve) => {
      port1.onmessage = bind(() => resolve(look()));
      port2.postMessage('text');
    });
    port1.close();
  };
  const abort = async (look) => {
    // Keeps the process alive, as the rest of a program would.
    const timer = setTimeout(() => {}, 1_000);
    await new Promise((resolve) => {
      const listener = bind(() => resolve(look()));
      AbortSignal.timeout(5).addEventListener('abort', listener);
    });
    clearTimeout(timer);
  };
  const echo = net.createServer((socket) => socket.pipe(socket));
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  const { port } = echo.address();
  const work = async (id) => {
    namespace.set('id', id);
    const look = looker(namespace, 'id', id);
    await Promise.all([connect(port, look), post(look), abort(look)]);
  };
  await all(SOCKETS, (index) => namespace.run(work, `unit ${index}`));
  print(counts);
}

/** Prints the code of the error that an entry point throws, or nothing. */
function refused(name) {
  try {
    require(name);
  } catch ({ code }) {
    console.log(code);
  }
}

/**
 * Runs test files in this process, because mocha's command starts itself again with options that other runtimes lack. Prints a line
 * of JSON for each failed test, and one with the number of passed ones.
 */
async function tests(...files) {
  const { mochaHooks } = require('../../test/support/root-hooks');
  const { default: Mocha } = await import('mocha');
  const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  function Lines(runner) {
    let passed = 0;
    runner.on('pass', () => passed++);
    runner.on('fail', (test, { message }) => write({ failed: test.fullTitle(), message: String(message).slice(0, 2_000) }));
    runner.on('end', () => write({ passed }));
  }
  const mocha = new Mocha({ timeout: TEST_TIMEOUT, rootHooks: mochaHooks, reporter: Lines });
  for (const file of files) mocha.addFile(path.resolve(file));
  // A test may leave a handle open that can't be closed.
  mocha.run((failures) => process.exit(failures === 0 ? 0 : 1));
}

const programs = {
  ...{
    engine: () => console.log(engine),
    server: plain,
    native,
    http: instrumented,
    'cross-talk': crossTalk,
    cls,
    opentelemetry,
  },
  ...{ repairs, refused, tests },
};
programs[process.argv[2]](...process.argv.slice(3));
