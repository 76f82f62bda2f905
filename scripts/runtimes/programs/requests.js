'use strict';

const http = require('node:http');

/** How many requests go on at a time. */
const REQUESTS = 100;

/**
 * Sends a server a number of requests at a time, each with an id of its own and a body, and closes it.
 *
 * @param {(request: http.IncomingMessage, response: http.ServerResponse) => void} handler
 * @returns {Promise<Array<{ id: string, answer: string }>>}
 */
async function send(handler) {
  const server = http.createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const answers = Array.from({ length: REQUESTS }, async (_, index) => {
    const id = `request ${index}`;
    const response = await fetch(url, { method: 'POST', headers: { 'x-request-id': id }, body: `the body of ${id}` });
    return { id, answer: await response.text() };
  });
  const all = await Promise.all(answers);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return all;
}

module.exports = { REQUESTS, send };
