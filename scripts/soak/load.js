'use strict';

const { once } = require('node:events');
const http = require('node:http');
const path = require('node:path');
const { setImmediate: nextTurn } = require('node:timers/promises');
const v8 = require('node:v8');
const vm = require('node:vm');
const { Worker } = require('node:worker_threads');

const { createNamespace, destroyNamespace, stats } = require('context');

const { startServer } = require('./server');

const CONNECTIONS = 50;
const ROUND = 500;

/** So many samples are taken at least, however short the time is. */
const LEAST_ROUNDS = 12;

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

/** What is asked for, in turn. */
const KINDS = ['ok', 'ok', 'ok', 'ok', 'abort', 'ok', 'ok', 'fail'];

/** Sends a request. Returns whether the answer is right; one that is aborted has none. */
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

/** Bytes in use, when nothing is going on. */
async function sample(requests) {
  for (let round = 0; round < 2; round++) {
    await nextTurn();
    collectGarbage();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { requests, heap: heapUsed, external, 'native pages': stats().bytes, resident: rss };
}

/**
 * Sends requests to a server in this process over keep-alive connections, in rounds. In the middle of each a namespace is
 * destroyed and made again, and a worker thread that is busy in contexts is terminated. After each a sample is taken.
 *
 * @param {object} options
 * @param {number} options.seconds how long
 * @param {(share: number) => void} [options.onProgress] called after each round with the share that is done
 * @returns {Promise<{ samples: Array<{ requests: number } & Record<string, number>>, requests: number, wrong: number }>}
 *   samples in bytes; the number of requests, and of those that were answered with another request's value
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
    const worker = new Worker(path.join(__dirname, 'worker.js'));
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
