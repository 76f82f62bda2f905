'use strict';

const http = require('node:http');

/** How many requests are under way at a time. */
const CONCURRENCY = 100;

/** All that a stream gives, as text. */
async function textOf(stream) {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}

/** A request with an id, and the text of its response. */
function ask(port, path, id, { body, headers, method = body === undefined ? 'GET' : 'POST', agent } = {}) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, agent, headers: { 'x-id': id, ...headers } };
    const request = http.request(options, (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode, text }), reject);
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
      response.once('data', () => request.on('close', resolve).destroy()).on('error', () => {});
    });
    request.on('error', (error) => (error.code === 'ECONNRESET' ? resolve() : reject(error)));
  });
}

/** The texts of requests with such ids, one after another on a connection. */
const pipelined = (ids) => ids.map((id) => `GET / HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n\r\n`).join('');

const file = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain';

/** What is sent to each route, with an id. */
const requests = {
  '/': () => ({}),
  '/deep': () => ({}),
  '/stream': () => ({}),
  '/json': (id) => ({
    body: JSON.stringify({ id, padding: 'x'.repeat(50_000) }),
    headers: { 'content-type': 'application/json' },
  }),
  '/iterated': () => ({ body: 'x'.repeat(100_000) }),
  '/multipart': () => ({
    body: `--limit\r\n${file}\r\n\r\n${'x'.repeat(100_000)}\r\n--limit--\r\n`,
    headers: { 'content-type': 'multipart/form-data; boundary=limit' },
  }),
  '/fails': () => ({}),
  '/hangs': () => ({}),
};

/** Asks a route many times at once, over connections that are kept alive. */
async function askOften(port, route, count = CONCURRENCY) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const ids = Array.from({ length: count }, (_, index) => `${route}-${index}`);
  const send = route === '/hangs' ? askAndAbort : ask;
  try {
    return await Promise.all(ids.map((id) => send(port, route, id, { ...requests[route](id), agent })));
  } finally {
    agent.destroy();
  }
}

module.exports = { CONCURRENCY, ask, askAndAbort, askOften, pipelined, requests, textOf };
