'use strict';

const { cheap, dear, sendAndClose } = require('./requests');

const frameworks = {
  express() {
    const express = require('express');
    const shop = express.Router();
    shop.get('/:item', async (request, response) => {
      await undefined;
      dear();
      response.send('done');
    });
    const app = express().use('/dear', shop);
    app.get('/cheap', (request, response) => {
      cheap();
      response.send('done');
    });
    const server = app.listen(0, '127.0.0.1', () => sendAndClose(server, server.address().port));
  },
  async fastify() {
    const app = require('fastify').fastify();
    app.get('/dear/:item', async () => {
      await undefined;
      dear();
      return 'done';
    });
    app.get('/cheap', async () => {
      cheap();
      return 'done';
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    await sendAndClose(app, app.server.address().port);
  },
};

frameworks[process.argv[2]]();
