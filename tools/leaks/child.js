'use strict';

/** Runs one of the libraries for some requests, and sends what `explain` says of their contexts, and how many a FinalizationRegistry counts. */

const http = require('node:http');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('../..');
const { start } = require('../../lib/observing/leaks');
const libraries = require('./libraries');

const REQUESTS = 5;
const ROUNDS = 10;

async function main({ name, folder, ports }) {
  const library = libraries(folder, ports)[name];
  const server = http.createServer((request, response) => response.end('done'));
  if (library.server) await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = library.server && `http://127.0.0.1:${server.address().port}/`;
  const namespace = createNamespace('request');
  const leaks = start({ label: () => name });
  const instance = await library.prepare();
  let alive = 0;
  const registry = new FinalizationRegistry(() => alive--);
  const serve = () => {
    const context = namespace.createContext();
    alive++;
    registry.register(context);
    return context.run(async () => library.hold(instance, { context, url }));
  };
  await Promise.all(Array.from({ length: REQUESTS }, serve));
  for (let round = 0; round < ROUNDS; round++) {
    await nextTurn();
    globalThis.gc();
  }
  const { groups } = await leaks.explain({ olderThan: 0, maxHeap: Infinity });
  await nextTurn();
  registry.unregister({});
  // The library would keep the process alive.
  process.send({ alive, groups, ended: leaks.ended({ olderThan: 0 }), instance: instance === undefined }, () => process.exit());
}

main(JSON.parse(process.argv[2])).catch((error) => process.send({ error: error.stack }, () => process.exit(1)));
