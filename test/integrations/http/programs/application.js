'use strict';

/** `application.js express` or `application.js fastify`: an application that knows nothing of contexts but for a log. */

const { getNamespace } = require('context');

const query = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));

/** Code that knows nothing of requests, and notes which one it serves. */
function note() {
  const namespace = getNamespace('request');
  const id = namespace.get('id');
  namespace.set('seen', id);
  return id;
}

const applications = {
  express() {
    const express = require('express');
    const app = express();
    app.get('/', async (request, response) => {
      await query();
      response.end(note());
    });
    app.post('/', express.json(), (request, response) => {
      setImmediate(() => response.json({ id: note(), body: request.body.id }));
    });
    app.get('/hangs', (request, response) => {
      note();
      response.write('a');
    });
    const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port));
  },

  async fastify() {
    const app = require('fastify')({ forceCloseConnections: true });
    app.get('/', async () => {
      await query();
      return note();
    });
    app.post('/', async (request) => {
      await query();
      return { id: note(), body: request.body.id };
    });
    app.get('/hangs', (request, reply) => {
      note();
      reply.hijack();
      reply.raw.write('a');
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    process.send(app.server.address().port);
  },
};

applications[process.argv[2]]();
