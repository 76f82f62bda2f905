'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { stepThrough, stepsAt } = require('../case');

const HOST = '127.0.0.1';
const EXPECT = 'Expect: 100-continue';
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

/** Handles requests, each in the contexts of a unit of work. */
const handlers = {
  'a body that is read by events': (step, request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    return stepsAt(request, step, 'data', 'end').then(() => response.end(String(JSON.parse(text).text.length)));
  },
  async 'a body that is read by for await'(step, request, response) {
    const chunks = [];
    for await (const chunk of request) {
      step('loop');
      chunks.push(chunk);
    }
    step('after');
    response.end(String(JSON.parse(Buffer.concat(chunks)).text.length));
  },
  async 'a body that is read by a parser of JSON, then awaited'(step, request, response) {
    const chunks = [];
    const parsed = new Promise((resolve) => {
      request.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(JSON.parse(Buffer.concat(chunks))));
    });
    const { text } = await parsed;
    step('awaited');
    response.end(String(text.length));
  },
  async 'a body that is read before the request is handled'(step, request, response) {
    await once(request.resume(), 'end');
    step('awaited');
    setTimeout(() => response.end(step('timer')), 1);
    await once(response, 'finish');
    step('finished');
  },
  'events of a response': (step, request, response) => {
    request.resume();
    response.write('text', () => step('written'));
    response.end('text', () => step('ended'));
    return stepsAt(response, step, 'finish', 'close');
  },
  async [EXPECT](step, request, response) {
    response.writeContinue(() => step('continued'));
    await stepThrough(request, step);
    response.end();
  },
  async 'work that goes on after the response'(step, request, response) {
    request.resume();
    response.end();
    await once(response, 'close');
    step('closed');
    await new Promise((resolve) => setTimeout(resolve, 1));
    step('later');
  },
};

module.exports = Object.entries(handlers).map(([name, handle]) => ({
  name: `http server: ${name}`,
  entersItself: true,
  loses: name === 'a body that is read by events' ? { data: BY_PARSER, end: BY_PARSER } : {},
  prepare: serve,
  start: (step, { shared, owner, within }) => {
    const headers = name === EXPECT ? { Expect: '100-continue' } : {};
    return send(shared, owner, within, (request, response) => handle(step, request, response), headers);
  },
}));
