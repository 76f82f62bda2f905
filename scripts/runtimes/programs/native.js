'use strict';

/** The runtime's own server, Bun.serve or Deno.serve, with each request run in a context of its own. */

const { createNamespace } = require('context');

const { Counts } = require('./counts');
const { REQUESTS } = require('./requests');

const namespace = createNamespace('native');
const counts = new Counts();

async function handler(request) {
  const id = request.headers.get('x-request-id');
  namespace.set('id', id);
  const body = await request.text();
  counts.look(namespace.get('id'), id);
  counts.look(body, `the body of ${id}`);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
  return new Response(namespace.get('id'));
}

/** @returns {number} the port */
function serve(fetch) {
  const { Bun, Deno } = globalThis;
  if (Bun !== undefined) return Bun.serve({ port: 0, hostname: '127.0.0.1', fetch }).port;
  return Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: () => {} }, fetch).addr.port;
}

async function main() {
  const port = serve((request) => namespace.run(handler, request));
  const send = async (_, index) => {
    const id = `request ${index}`;
    const options = { method: 'POST', headers: { 'x-request-id': id }, body: `the body of ${id}` };
    const response = await fetch(`http://127.0.0.1:${port}/`, options);
    counts.look(await response.text(), id);
  };
  await Promise.all(Array.from({ length: REQUESTS }, send));
  counts.print();
}

main();
