'use strict';

const express = require('express');
const { getNamespace } = require('context');

const query = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));

/** Code that knows nothing of requests, and notes whose it serves. */
function note() {
  const namespace = getNamespace('request');
  const id = namespace.get('id');
  namespace.set('seen', id);
  return id;
}

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
