'use strict';

const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const path = require('node:path');
const { setImmediate: nextTurn } = require('node:timers/promises');
const v8 = require('node:v8');
const vm = require('node:vm');
const { Worker } = require('node:worker_threads');

const { createNamespace, destroyNamespace, stats } = require('context');

/** A worker that is busy in contexts. */
const WORKER = path.join(__dirname, '..', '..', 'test', 'robustness', 'programs', 'busy-worker.js');

const CONNECTIONS = 50;
const ROUND = 500;

/** The minimum number of samples. */
const LEAST_ROUNDS = 12;

/** The kinds of requests, in turn. */
const KINDS = ['ok', 'ok', 'ok', 'ok', 'abort', 'ok', 'ok', 'fail'];

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

/** Sets values that refer back to the context, of kinds that might confuse a garbage collector. */
function reach(context, request, response) {
  const emitter = context.add(new EventEmitter());
  emitter.on('event', () => context);
  const values = {
    ...{ context, emitter, request, response, socket: request.socket, bytes: Buffer.alloc(256) },
    pending: new Promise(() => {}).then(() => context),
    timer: setTimeout(() => context, 2 ** 30),
    interval: setInterval(() => context, 2 ** 30),
    bound: context.bind(() => context),
  };
  for (const [key, value] of Object.entries(values)) context.set(key, value);
  context.on('end', () => emitter.emit('event'));
  response.on('close', () => {
    clearTimeout(values.timer);
    clearInterval(values.interval);
  });
}

/**
 * Starts a server: /ok/id answers with the id in a namespace, /fail/id with the id from an error's context, /abort/id never ends.
 * `passing` returns a namespace that is destroyed now and then.
 */
async function startServer(trace, log, passing) {
  const answer = async (context, request, response) => {
    const [kind, id] = request.url.slice(1).split('/');
    context.set('id', id);
    reach(context, request, response);
    let body = '';
    for await (const chunk of request) body += chunk;
    await passing().run(async () => {
      passing().set('id', body);
      await nextTurn();
    });
    if (kind === 'fail') throw new Error('a request that fails');
    if (kind === 'abort') {
      response.write('begun');
      await new Promise(() => {});
    }
    await log.run(() => {
      log.set('line', id);
      return new Promise((resolve) => process.nextTick(resolve));
    });
    response.end(trace.get('id'));
  };
  const server = http.createServer((request, response) => {
    const context = trace.createContext();
    context.add(request);
    const onFailure = (error) => response.end(trace.fromException(error).get('id'));
    context.run(() => answer(context, request, response)).catch(onFailure);
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Sends a request. Resolves to whether the answer is right; true if it is aborted. */
async function send(options, id) {
  const kind = KINDS[id % KINDS.length];
  const request = http.request({ ...options, method: 'POST', path: `/${kind}/${id}` });
  request.end(`body ${id}`);
  const [response] = await once(request, 'response');
  let body = '';
  if (kind === 'abort') {
    response.on('error', () => {});
    request.destroy();
    await once(request, 'close');
    return true;
  }
  for await (const chunk of response) body += chunk;
  return body === String(id);
}

/** Measures memory between rounds, in bytes. */
async function sample(requests) {
  for (let round = 0; round < 2; round++) {
    await nextTurn();
    collectGarbage();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { requests, heap: heapUsed, external, 'native pages': stats().bytes, resident: rss };
}

/**
 * Sends requests to a server in this process over keep-alive connections, in rounds. In the middle of each round, a namespace is
 * destroyed and created again, and a worker thread that is busy in contexts is terminated. Resolves to the samples taken after each
 * round, the number of requests, and how many were answered with another request's value.
 */
async function load({ seconds, onProgress = () => {} }) {
  const names = ['soak.trace', 'soak.log', 'soak.passing'];
  const [trace, log, first] = names.map((name) => createNamespace(name));
  let passing = first;
  const server = await startServer(trace, log, () => passing);
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const options = { agent, host: '127.0.0.1', port: server.address().port };
  const samples = [];
  let requests = 0;
  let wrong = 0;

  const serveRound = async () => {
    const worker = new Worker(WORKER);
    const end = requests + ROUND;
    const middle = requests + ROUND / 2;
    let terminated;
    const connection = async () => {
      while (requests < end) {
        const id = requests++;
        if (id === middle) {
          terminated = worker.terminate();
          destroyNamespace('soak.passing');
          passing = createNamespace('soak.passing');
        }
        if (!(await send(options, id))) wrong++;
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    await terminated;
  };

  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  while (elapsed() < seconds || samples.length < LEAST_ROUNDS) {
    await serveRound();
    samples.push(await sample(requests));
    onProgress(Math.min(elapsed() / seconds, samples.length / LEAST_ROUNDS, 1));
  }
  agent.destroy();
  server.close();
  await once(server, 'close');
  for (const name of names) destroyNamespace(name);
  return { samples, requests, wrong };
}

module.exports = { load };
