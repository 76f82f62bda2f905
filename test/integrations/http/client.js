'use strict';

const http = require('node:http');

/** How many requests are under way at a time. */
const CONCURRENCY = 100;

/** A request with an id, and the text of its response. */
function ask(port, path, id, { body, headers, method = body === undefined ? 'GET' : 'POST', agent } = {}) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, agent, headers: { 'x-id': id, ...headers } };
    const request = http.request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
    });
    request.on('error', (error) => {
      // The server has closed the idle connection meanwhile, and has not seen the request.
      if (error.code === 'ECONNRESET' && request.reusedSocket) resolve(ask(port, path, id, { body, headers, method, agent }));
      else reject(error);
    });
    request.end(body);
  });
}

/** A request that is aborted once the first bytes of its response are there. */
function askAndAbort(port, path, id, { agent } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent, headers: { 'x-id': id } }, (response) => {
      response.once('data', () => {
        request.on('close', resolve).destroy();
      });
      response.on('error', () => {});
    });
    request.on('error', (error) => (error.code === 'ECONNRESET' ? resolve() : reject(error)));
  });
}

const BOUNDARY = 'limit';
const multipart = [
  `--${BOUNDARY}`,
  'Content-Disposition: form-data; name="file"; filename="a.txt"',
  'Content-Type: text/plain',
  '',
  'x'.repeat(100_000),
  `--${BOUNDARY}--`,
  '',
].join('\r\n');

/** What is sent to each route. */
const requests = {
  '/': (port, id, options) => ask(port, '/', id, options),
  '/deep': (port, id, options) => ask(port, '/deep', id, options),
  '/stream': (port, id, options) => ask(port, '/stream', id, options),
  '/json': (port, id, options) =>
    ask(port, '/json', id, {
      ...options,
      body: JSON.stringify({ id, padding: 'x'.repeat(50_000) }),
      headers: { 'content-type': 'application/json' },
    }),
  '/iterated': (port, id, options) => ask(port, '/iterated', id, { ...options, body: 'x'.repeat(100_000) }),
  '/multipart': (port, id, options) =>
    ask(port, '/multipart', id, {
      ...options,
      body: multipart,
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    }),
  '/fails': (port, id, options) => ask(port, '/fails', id, options),
  '/hangs': (port, id, options) => askAndAbort(port, '/hangs', id, options),
};

/** Asks a route many times at once, over connections that are kept alive. */
async function askOften(port, route, count = CONCURRENCY) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const ids = Array.from({ length: count }, (_, index) => `${route}-${index}`);
  try {
    return await Promise.all(ids.map((id) => requests[route](port, id, { agent })));
  } finally {
    agent.destroy();
  }
}

module.exports = { CONCURRENCY, ask, askAndAbort, askOften, requests };
