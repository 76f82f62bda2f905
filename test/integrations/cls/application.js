'use strict';

/* An HTTP service that logs with the id of the request it serves. It asks itself and prints what it has logged. */

const { createNamespace } = require('cls-hooked');

const { EventEmitter, once } = require('node:events');
const fs = require('node:fs/promises');
const http = require('node:http');

const session = createNamespace('session');
const lines = [];
const log = (message) => lines.push(`${session.get('request')}: ${message}`);

/** Answers several at a time, later. */
class Database extends EventEmitter {
  #waiting = [];

  query(text, callback) {
    this.#waiting.push(session.bind(callback));
    if (this.#waiting.length === 1) setTimeout(() => this.#answer(), 5);
  }

  #answer() {
    const waiting = this.#waiting.splice(0);
    this.emit('answer', waiting.length);
    for (const callback of waiting) callback(null, [{ file: __filename }]);
  }
}

const database = new Database();

const middleware = [
  (request, response, next) => {
    session.bindEmitter(request);
    session.bindEmitter(response);
    session.run(() => {
      session.set('request', request.headers['x-request-id']);
      next();
    });
  },
  (request, response, next) => {
    response.on('finish', () => log(`answered ${response.statusCode}`));
    let size = 0;
    request.on('data', (chunk) => (size += chunk.length));
    request.on('end', () => {
      log(`read ${size} bytes`);
      next();
    });
  },
  (request, response) => {
    database.query('select', async (error, [{ file }]) => {
      log('queried');
      const { length } = await fs.readFile(file);
      log(`has a file: ${length > 0}`);
      session.runAndReturn(() => {
        session.set('request', `${session.get('request')} inside`);
        log('nested');
      });
      response.statusCode = request.url === '/missing' ? 404 : 200;
      response.end(session.get('request'));
    });
  },
];

const server = http.createServer((request, response) => {
  const step = (index) => middleware[index](request, response, () => step(index + 1));
  step(0);
});

async function ask(id) {
  const path = id === 'three' ? '/missing' : '/';
  const headers = { 'x-request-id': id };
  const { port } = server.address();
  const request = http.request({ port, host: '127.0.0.1', path, method: 'POST', headers, agent });
  request.end('body '.repeat(id.length));
  const [response] = await once(request, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return body;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });

server.listen(0, '127.0.0.1', async () => {
  const answers = await Promise.all(['one', 'two', 'three', 'four', 'five', 'six'].map(ask));
  agent.destroy();
  server.close(() => {
    console.log(answers.join());
    console.log(lines.sort().join('\n'));
    console.log(session.active);
  });
});
