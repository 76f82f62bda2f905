'use strict';

/** A server that knows nothing of contexts, and three requests to it at a time. */

const { once } = require('node:events');
const http = require('node:http');

const IDS = ['a', 'b', 'c'];

/** What settles the queries that wait for their answers. */
const waiting = [];

function answerAll() {
  while (waiting.length > 0) waiting.pop()();
}

/** A database that answers when everybody has asked, the last one first. */
function query() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === IDS.length) setImmediate(answerAll);
  });
}

/**
 * Serves the requests, and closes the server.
 *
 * @param {(text: string) => void} log writes a line
 */
async function serve(log) {
  const server = http.createServer(async (request, response) => {
    log('received');
    await query();
    log('answered');
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  const url = `http://127.0.0.1:${server.address().port}`;
  const answers = [];
  for (const id of IDS) {
    const received = once(server, 'request');
    answers.push(fetch(url, { headers: { 'x-request-id': id } }));
    await received;
  }
  await Promise.all(answers);

  server.closeAllConnections();
  server.close();
  log('closed');
}

module.exports = { serve };
