'use strict';

const { once } = require('node:events');
const http = require('node:http');

const HOST = '127.0.0.1';
const BY_PARSER = "events of a request come from the connection's parser, which is older than the contexts";

/** A server that gives each request to the unit of work which sent it, and an agent whose connections serve many. */
async function serve(after) {
  const handlers = new Map();
  const server = http.createServer((request, response) => handlers.get(request.url)(request, response));
  server.on('checkContinue', (request, response) => handlers.get(request.url)(request, response));
  server.listen(0, HOST);
  await once(server, 'listening');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  after(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { handlers, agent, server, port: server.address().port };
}

const body = JSON.stringify({ text: 'long '.repeat(20_000) });

/** Sends requests, each when the one before was answered, and has them handled by a function in the contexts. */
async function send({ handlers, agent, port }, owner, within, handle, headers = {}) {
  for (let left = 3; left > 0; left--) {
    const handled = new Promise((resolve) => {
      handlers.set(`/${owner}`, (request, response) => resolve(within(() => handle(request, response))));
    });
    const request = http.request({ host: HOST, port, agent, path: `/${owner}`, method: 'POST', headers });
    if (headers.Expect === undefined) request.end(body);
    else request.on('continue', () => request.end(body)).flushHeaders();
    const [response] = await once(request, 'response');
    response.resume();
    await Promise.all([handled, once(response, 'close')]);
  }
}

/** A case that handles requests. */
function serving(name, handle, { loses, headers } = {}) {
  return {
    name: `http server: ${name}`,
    entersItself: true,
    loses,
    prepare: serve,
    start: (step, { shared, owner, within }) =>
      send(shared, owner, within, (request, response) => handle(step, request, response), headers),
  };
}

module.exports = [
  serving(
    'a body that is read by events',
    (step, request, response) => {
      let text = '';
      return new Promise((resolve) => {
        request.setEncoding('utf8').on('data', (chunk) => {
          step('data');
          text += chunk;
        });
        request.on('end', () => {
          step('end');
          response.end(String(JSON.parse(text).text.length), resolve);
        });
      });
    },
    { loses: { data: BY_PARSER, end: BY_PARSER } },
  ),
  serving('a body that is read by for await', async (step, request, response) => {
    const chunks = [];
    for await (const chunk of request) {
      step('loop');
      chunks.push(chunk);
    }
    step('after');
    response.end(String(JSON.parse(Buffer.concat(chunks)).text.length));
  }),
  serving('a body that is read by a parser of JSON, then awaited', async (step, request, response) => {
    const chunks = [];
    const parsed = new Promise((resolve) => {
      request.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(JSON.parse(Buffer.concat(chunks))));
    });
    const { text } = await parsed;
    step('awaited');
    response.end(String(text.length));
  }),
  serving('a body that is read before the request is handled', async (step, request, response) => {
    request.resume();
    await once(request, 'end');
    step('awaited');
    setTimeout(() => {
      step('timer');
      response.end();
    }, 1);
    await once(response, 'finish');
    step('finished');
  }),
  serving('events of a response', (step, request, response) => {
    request.resume();
    return new Promise((resolve) => {
      response.on('finish', () => step('finish')).on('close', () => resolve(step('close')));
      response.write('text', () => step('written'));
      response.end('text', () => step('ended'));
    });
  }),
  serving(
    'Expect: 100-continue',
    async (step, request, response) => {
      response.writeContinue(() => step('continued'));
      // eslint-disable-next-line no-unused-vars
      for await (const chunk of request) step('loop');
      response.end();
    },
    { headers: { Expect: '100-continue' } },
  ),
  serving('work that goes on after the response', async (step, request, response) => {
    request.resume();
    response.end();
    await once(response, 'close');
    step('closed');
    await new Promise((resolve) => setTimeout(resolve, 1));
    step('later');
  }),
];
