'use strict';

const express = require('express');

const { cheap, dear, sendAndClose } = require('./requests');

const shop = express.Router();
shop.get('/:item', async (request, response) => {
  await undefined;
  dear();
  response.send('done');
});

const app = express();
app.use('/dear', shop);
app.get('/cheap', (request, response) => {
  cheap();
  response.send('done');
});

const server = app.listen(0, '127.0.0.1', () => sendAndClose(server, server.address().port));
