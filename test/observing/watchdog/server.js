'use strict';

/**
 * A server that is watched, in the main thread or in a worker, and that a request may block. It sends its port, and its watchdog
 * writes to the file descriptor 3.
 *
 * node server.js <main | worker> <threshold> <milliseconds of a block> <path of a FIFO>
 */

const { AsyncResource } = require('node:async_hooks');
const http = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');
const fs = require('node:fs');
const { performance } = require('node:perf_hooks');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

const { createNamespace } = require('context');
const { start } = require('context/watchdog');
const { kinds, prepare } = require('./kinds');

const [thread, threshold, blockTime, fifo] = process.argv.slice(2);
const ms = Number(blockTime);

/** How many callbacks a turn of short ones has, and how many requests. */
const CALLBACKS = 400;
const REQUESTS = 40;

const now = () => performance.timeOrigin + performance.now();

/** Bound callbacks of several requests, which run in one turn once there are enough. */
const short = [];

function addShortCallbacks() {
  return new Promise((resolve) => {
    const each = CALLBACKS / REQUESTS;
    let left = each;
    const run = AsyncResource.bind(() => {
      kinds.loop(ms / CALLBACKS);
      if (--left === 0) resolve();
    });
    for (let i = 0; i < each; i++) short.push(run);
    if (short.length === CALLBACKS) setImmediate(() => runShort(short.splice(0)));
  });
}

function runShort(callbacks) {
  // Those of each request are spread over the turn.
  for (let first = 0; first < CALLBACKS / REQUESTS; first++) {
    for (let at = first; at < CALLBACKS; at += CALLBACKS / REQUESTS) callbacks[at]();
  }
}

function serve() {
  const namespace = createNamespace('request').expose('id');
  const materials = { __proto__: null, loop: ms, execSync: ms, microtasks: ms, fifo };
  const blocked = [];

  async function handle(request, response) {
    const url = new URL(request.url, 'http://localhost');
    const kind = url.searchParams.get('kind');
    namespace.set('id', url.searchParams.get('id'));
    if (url.pathname === '/blocked') {
      response.end(JSON.stringify({ blocked: blocked.splice(0) }));
      return;
    }
    if (url.searchParams.get('when') === 'after') await delay(20);
    const began = now();
    if (kind === 'short') await addShortCallbacks();
    else if (kind !== null) await kinds[kind](materials[kind]);
    else await delay(1 + Math.random() * 30).then(() => fs.promises.stat(__filename));
    response.end(JSON.stringify({ began, ended: now() }));
  }

  const server = http.createServer((request, response) => namespace.run(handle, request, response));
  // A blocked server finds connections idle for too long, and closes them as they are used again.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    for (const kind of Object.keys(prepare)) materials[kind] = prepare[kind](ms);
    start({ threshold: Number(threshold), interval: 60_000, destination: 3 }).on('blocked', (one) => blocked.push(one));
    const { port } = server.address();
    if (isMainThread) process.send(port);
    else parentPort.postMessage(port);
  });
}

if (thread === 'worker' && isMainThread) {
  const worker = new Worker(__filename, { argv: process.argv.slice(2), resourceLimits: { maxOldGenerationSizeMb: 2048 } });
  worker.on('message', (port) => process.send(port));
} else {
  serve();
}
process.on('disconnect', () => process.exit());
