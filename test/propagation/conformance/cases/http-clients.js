'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { awaiting, cases, prepared, stepThrough, stepsAt, turn } = require('../case');

const HOST = '127.0.0.1';

/** A server that answers in two chunks, with what it was sent in the first. */
async function serve(after) {
  const server = http.createServer((request, response) => {
    request.on('data', (chunk) => response.write(chunk));
    request.on('end', () => setImmediate(() => response.end('end')));
  });
  server.on('upgrade', (request, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: text\r\n\r\n');
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: server.address().port, url: `http://${HOST}:${server.address().port}/` };
}

/** A server, and an agent that has fewer connections than there are units of work. */
async function serveKeptAlive(after) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const server = await serve(after);
  after(() => agent.destroy());
  return { ...server, agent };
}

/** One request, with all of its events. */
function ask(step, options) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: HOST, method: 'POST', ...options }, (response) => {
      step('callback');
      resolve(stepsAt(response, step, 'data', 'end', 'close'));
    });
    stepsAt(request.on('error', reject), step, 'response', 'finish', 'socket');
    request.write('text', () => step('written'));
    request.end();
  });
}

const askOften = awaiting(async (step, { shared: { port, agent } }) => {
  for (let left = 3; left > 0; left--) await ask(step, { port, agent });
});

module.exports = cases({
  'http: requests that share the connections of a keep-alive agent': { prepare: serveKeptAlive, start: askOften },
  ...prepared(serve, {
    'http: a request without an agent': (step, { shared }) => ask(step, { port: shared.port, agent: false }),
    'http: requests by the global agent': askOften,
    async 'http: for await of a response'(step, { shared }) {
      const [response] = await once(http.get(shared.url), 'response');
      step('response');
      await stepThrough(response, step, 'loop');
      step('after');
    },
    'http: a request that is aborted': (step, { shared }) => {
      const controller = new AbortController();
      const request = http.get(shared.url, { agent: false, signal: controller.signal });
      setImmediate(() => controller.abort());
      return stepsAt(request, step, 'error', 'close');
    },
    'http: a request that times out': (step, { shared }) => {
      const request = http.request(shared.url, { agent: false, method: 'POST' });
      request.setTimeout(5, () => request.destroy());
      request.flushHeaders();
      return stepsAt(request, step, 'timeout', 'error', 'close');
    },
    'http: an upgrade': (step, { shared, done }) => {
      const headers = { Connection: 'Upgrade', Upgrade: 'text' };
      http.get(shared.url, { agent: false, headers }).on('upgrade', (response, socket) => {
        step('upgrade');
        socket.on('close', () => done(step('close'))).resume();
      });
    },
    async 'fetch: text'(step, { shared }) {
      for (let left = 3; left > 0; left--) {
        const response = await fetch(shared.url, { method: 'POST', body: 'text' });
        step('response');
        await response.text();
        step('text');
      }
    },
    'fetch: then, and the chunks of the body': (step, { shared }) =>
      fetch(shared.url).then(async ({ body }) => {
        step('then');
        await stepThrough(body, step, 'loop');
        step('after');
      }),
    async 'fetch: a body that is a stream'(step, { shared }) {
      async function* chunks() {
        step('first chunk');
        yield Buffer.from('first');
        await turn();
        step('second chunk');
        yield Buffer.from('second');
      }
      const response = await fetch(shared.url, { method: 'POST', body: chunks(), duplex: 'half' });
      await response.arrayBuffer();
      step('awaited');
    },
    async 'fetch: what fails'(step, { shared }) {
      const controller = new AbortController();
      setImmediate(() => controller.abort());
      await fetch(shared.url, { signal: controller.signal }).catch(() => step('aborted'));
      await fetch(`http://${HOST}:1/`).catch(() => step('a port that is not allowed'));
      step('awaited');
    },
  }),
});
