'use strict';

const assert = require('node:assert');
const { once } = require('node:events');

const { createNamespace } = require('context');
const { instrument } = require('context/http');

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The ids of requests that are under way at once. */
const ids = Array.from({ length: 40 }, (_, index) => `id-${index}`);

const many = (make) => Promise.all(ids.map(make));

/** What is to be closed once the test is over. */
const open = [];

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(async () => {
    if (!server.listening) return;
    server.closeAllConnections?.();
    server.close();
    await once(server, 'close');
  });
  return server.address().port;
}

/**
 * Starts a server whose requests have contexts with their ids.
 *
 * @param {string} name of a namespace for them
 * @param {(namespace: Namespace, ended: string[]) => Server} makeServer
 */
async function instrumented(name, makeServer) {
  const namespace = createNamespace(`http.${name}`);
  /** The ids in the order of the ends. */
  const ended = [];
  const init = (context, request) => {
    context.set('id', request.headers['x-id']);
    context.on('end', () => ended.push(context.get('id')));
  };
  const instrumentation = instrument(namespace, { init });
  open.push(() => instrumentation.disable());
  const server = makeServer(namespace, ended);
  return {
    ended,
    instrumentation,
    namespace,
    port: await listening(server),
    server,

    /** Asserts that each context has ended, and once. */
    async allEnded(expected = ids) {
      while (ended.length < expected.length) await turn();
      // A second end would come now.
      for (let i = 0; i < 10; i++) await turn();
      assert.deepStrictEqual(ended.toSorted(), expected.toSorted());
    },
  };
}

/** For the hook that runs after each test. */
async function closeAll() {
  for (const close of open.splice(0).reverse()) await close();
}

module.exports = { closeAll, ids, instrumented, listening, many, turn };
