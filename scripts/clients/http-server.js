'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { HOST } = require('./servers');

/**
 * Starts a server that answers each request in three pieces, after a while.
 *
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>}
 */
async function startHttpServer() {
  const server = http.createServer((request, response) => {
    request.resume();
    setTimeout(() => {
      response.write('one ');
      setTimeout(() => {
        response.write('two ');
        setImmediate(() => response.end('three'));
      }, 1);
    }, 1);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    origin: `http://${HOST}:${server.address().port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

module.exports = { startHttpServer };
