'use strict';

const assert = require('node:assert');
const dns = require('node:dns');
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const zlib = require('node:zlib');

const { newNamespace } = require('./library');

/** What calls back later, given a callback: one of each kind. Propagation's tests have them all. */
const operations = {
  'process.nextTick': (done) => process.nextTick(done),
  queueMicrotask: (done) => queueMicrotask(done),
  setImmediate: (done) => setImmediate(done),
  setTimeout: (done) => setTimeout(done, 1),
  setInterval: (done) => {
    const interval = setInterval(() => done(clearInterval(interval)), 1);
  },
  'Promise.then': (done) => Promise.resolve().then(done),
  'an async function': async (done) => {
    await null;
    await new Promise((resolve) => setImmediate(resolve));
    done();
  },
  'fs.readFile': (done) => fs.readFile(__filename, done),
  'fs.promises.readFile': (done) => fs.promises.readFile(__filename).then(done),
  'fs.createReadStream': (done) => fs.createReadStream(__filename).resume().on('close', done),
  'zlib.deflate': (done) => zlib.deflate('text', done),
  'dns.lookup': (done) => dns.lookup('127.0.0.1', done),
};

/** An HTTP service that logs with the id of the request it serves, as an application of cls-hooked is written. */
function makeService(session, lines) {
  const log = (message) => lines.push(`${session.get('request')}: ${message}`);

  /** Answers several at a time, later. */
  class Database extends EventEmitter {
    #waiting = [];

    query(text, callback) {
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

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

describe('cls: contexts follow', () => {
  let namespace;
  beforeEach(() => (namespace = newNamespace()));
  afterEach(() => assert.strictEqual(namespace.active, null));

  for (const [name, start] of Object.entries(operations)) {
    it(name, async () => {
      const users = ['ada', 'bob', 'eve'];
      const ask = (user) =>
        new Promise((resolve) => {
          namespace.run((context) => {
            namespace.set('user', user);
            start(() => {
              const inside = namespace.active === context && namespace.get('user');
              // Once more, from the callback.
              const isOutermost = Object.getPrototypeOf(context) === Object.prototype;
              start(() => resolve([inside, namespace.get('user'), isOutermost]));
            });
          });
          assert.strictEqual(namespace.active, null);
        });
      const expected = users.map((user) => [user, user, true]);
      assert.deepStrictEqual(await Promise.all(users.map(ask)), expected);
    });
  }

  it('the requests of an application, also over one connection', async () => {
    const lines = [];
    const server = makeService(namespace, lines);
    const port = await listening(server);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    const ids = ['one', 'two', 'three', 'four', 'five', 'six'];
    const ask = async (id) => {
      const path = id === 'three' ? '/missing' : '/';
      const request = http.request({ port, host: '127.0.0.1', path, method: 'POST', headers: { 'x-id': id }, agent });
      request.end('body '.repeat(id.length));
      const [response] = await once(request, 'response');
      let answer = '';
      for await (const chunk of response) answer += chunk;
      return answer;
    };
    assert.deepStrictEqual(await Promise.all(ids.map(ask)), ids);
    agent.destroy();
    server.close();
    await once(server, 'close');
    const expected = ids.flatMap((id) => [
      'undefined: begins',
      `${id}: read ${5 * id.length} bytes`,
      `${id}: queried`,
      `${id}: has a file: true`,
      `${id} inside: nested`,
      `${id}: answered ${id === 'three' ? 404 : 200}`,
    ]);
    assert.deepStrictEqual(lines.sort(), expected.sort());
  });
});
