'use strict';

const fastify = require('fastify')({ forceCloseConnections: true });
const { getNamespace } = require('context');

const query = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));

/** Code that knows nothing of requests, and notes whose it serves. */
function note() {
  const namespace = getNamespace('request');
  const id = namespace.get('id');
  namespace.set('seen', id);
  return id;
}

fastify.get('/', async () => {
  await query();
  return note();
});
fastify.post('/', async (request) => {
  await query();
  return { id: note(), body: request.body.id };
});
fastify.get('/hangs', (request, reply) => {
  note();
  reply.hijack();
  reply.raw.write('a');
});

fastify.listen({ host: '127.0.0.1', port: 0 }).then(() => process.send(fastify.server.address().port));
