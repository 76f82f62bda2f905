'use strict';

const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const { text } = require('node:stream/consumers');

/** What calls back later, given a callback. Propagation's tests have all kinds. */
const operations = {
  setTimeout: (done) => setTimeout(done, 1),
  'an async function': async (done) => {
    await null;
    await new Promise((resolve) => setImmediate(resolve));
    done();
  },
  'fs.createReadStream': (done) => fs.createReadStream(__filename).resume().on('close', done),
};

/** An HTTP service that logs with the id of the request it serves, as an application of cls-hooked is written. */
function makeService(session, lines) {
  const log = (message) => lines.push(`${session.get('request')}: ${message}`);

  /** Answers several at a time, later. */
  class Database extends EventEmitter {
    #waiting = [];

    query(sql, callback) {
      this.#waiting.push(session.bind(callback));
      if (this.#waiting.length === 1) setTimeout(() => this.#waiting.splice(0).forEach((each) => each(null, __filename)), 5);
    }
  }
  const database = new Database();

  const middleware = [
    (request, response, next) => {
      for (const emitter of [request, response]) session.bindEmitter(emitter);
      session.run(() => {
        log('begins');
        session.set('request', request.headers['x-id']);
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
      database.query('select', async (error, file) => {
        log('queried');
        log(`has a file: ${(await fs.promises.readFile(file)).length > 0}`);
        session.runAndReturn(() => {
          session.set('request', `${session.get('request')} inside`);
          log('nested');
        });
        response.statusCode = request.url === '/missing' ? 404 : 200;
        response.end(session.get('request'));
      });
    },
  ];
  return http.createServer((request, response) => {
    const step = (index) => middleware[index](request, response, () => step(index + 1));
    step(0);
  });
}

/** Several contexts at once, followed through an operation, and another one that its callback starts. */
const follow =
  (start) =>
  async ({ namespace, log }) => {
    const ask = (user) =>
      new Promise((resolve) => {
        namespace.run((context) => {
          namespace.set('user', user);
          start(() => {
            const isOutermost = Object.getPrototypeOf(context) === Object.prototype;
            const seen = [namespace.active === context, namespace.get('user'), isOutermost];
            start(() => resolve([...seen, namespace.get('user')]));
          });
        });
        log(namespace.active);
      });
    log(await Promise.all(['ada', 'bob', 'eve'].map(ask)));
  };

/** Programs of programs.js: what contexts follow. */
module.exports = {
  ...Object.fromEntries(Object.entries(operations).map(([name, start]) => [`contexts follow ${name}`, follow(start)])),

  async 'contexts follow the requests of an application, also over one connection'({ namespace, log }) {
    const lines = [];
    const server = makeService(namespace, lines).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    const ask = async (id) => {
      const path = id === 'three' ? '/missing' : '/';
      const options = { port: server.address().port, host: '127.0.0.1', path, method: 'POST', headers: { 'x-id': id }, agent };
      const request = http.request(options).end('body '.repeat(id.length));
      const [response] = await once(request, 'response');
      return text(response);
    };
    log(await Promise.all(['one', 'two', 'three', 'four', 'five', 'six'].map(ask)));
    agent.destroy();
    server.close();
    await once(server, 'close');
    log(lines.sort());
  },
};
