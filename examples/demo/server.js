'use strict';

const { randomUUID } = require('node:crypto');
const { once } = require('node:events');
const http = require('node:http');

const { logged } = require('./logger');
const { Pool } = require('./pool');
const { shop } = require('./shop');
const { traced } = require('./tracer');

const WORKERS = 2;

/**
 * Starts the shop, with logger and tracer around it, on a free port of the loopback interface.
 *
 * @param {{ write: (line: { requestId: string, text: string }) => void, report: (transaction: object) => void }} observers
 *   get each log line and each transaction
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
async function startServer({ write, report }) {
  const pool = new Pool(WORKERS);
  const listener = traced(logged(shop(pool), write), report);
  const server = http.createServer((request, response) => {
    request.headers['x-request-id'] ??= randomUUID();
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/orders`,
    async close() {
      server.close();
      server.closeAllConnections();
      await pool.close();
    },
  };
}

module.exports = { startServer };
