'use strict';

const { fastify } = require('fastify');

const { cheap, dear, sendAndClose } = require('./requests');

const app = fastify();
app.get('/dear/:item', async () => {
  await undefined;
  dear();
  return 'done';
});
app.get('/cheap', async () => {
  cheap();
  return 'done';
});

app.listen({ port: 0, host: '127.0.0.1' }).then(() => sendAndClose(app, app.server.address().port));
