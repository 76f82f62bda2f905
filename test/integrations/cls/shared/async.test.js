'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const dns = require('node:dns');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const { promisify } = require('node:util');
const zlib = require('node:zlib');

const { newNamespace } = require('./library');

/** What calls back later, given a callback. */
const operations = {
  'process.nextTick': (done) => process.nextTick(done),
  queueMicrotask: (done) => queueMicrotask(done),
  setImmediate: (done) => setImmediate(done),
  setTimeout: (done) => setTimeout(done, 1),
  setInterval: (done) => {
    const interval = setInterval(() => {
      clearInterval(interval);
      done();
    }, 1);
  },
  'Promise.then': (done) => Promise.resolve().then(done),
  'Promise.catch': (done) => Promise.reject(new Error('expected')).catch(done),
  'Promise.finally': (done) => Promise.resolve().finally(done),
  'Promise.all': (done) => Promise.all([1, Promise.resolve()]).then(done),
  'an async function': async (done) => {
    await null;
    await new Promise((resolve) => setImmediate(resolve));
    done();
  },
  'an async generator': async (done) => {
    async function* twice() {
      yield await 1;
      yield await 2;
    }
    let sum = 0;
    for await (const value of twice()) sum += value;
    done(sum);
  },
  'promisify(setTimeout)': (done) => promisify(setTimeout)(1).then(done),
  'fs.stat': (done) => fs.stat(__filename, done),
  'fs.readFile': (done) => fs.readFile(__filename, done),
  'fs.promises.readFile': (done) => fs.promises.readFile(__filename).then(done),
  'fs.createReadStream': (done) =>
    fs
      .createReadStream(__filename)
      .on('data', () => {})
      .on('close', done),
  'crypto.randomBytes': (done) => crypto.randomBytes(8, done),
  'crypto.pbkdf2': (done) => crypto.pbkdf2('password', 'salt', 1, 8, 'sha256', done),
  'zlib.deflate': (done) => zlib.deflate('text', done),
  'dns.lookup': (done) => dns.lookup('127.0.0.1', done),
};

describe('cls: contexts follow', () => {
  let namespace;
  beforeEach(() => {
    namespace = newNamespace();
  });

  for (const [name, start] of Object.entries(operations)) {
    it(name, async () => {
      const users = ['ada', 'bob', 'eve'];
      const asked = users.map(
        (user) =>
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
          }),
      );
      assert.deepStrictEqual(
        await Promise.all(asked),
        users.map((user) => [user, user, true]),
      );
    });
  }

  it('nested contexts in callbacks, as in the example of the documentation', async () => {
    const seen = [];
    await new Promise((resolve) => {
      const handle = () => {
        namespace.run((outer) => {
          seen.push(namespace.get('value'), outer.value);
          namespace.set('value', 1);
          seen.push(namespace.get('value'), outer.value);
          process.nextTick(() => {
            seen.push(namespace.get('value'), outer.value);
            namespace.run((inner) => {
              seen.push(namespace.get('value'), outer.value, inner.value);
              namespace.set('value', 2);
              seen.push(namespace.get('value'), outer.value, inner.value);
            });
          });
        });
        setTimeout(() => {
          seen.push(namespace.get('value'));
          resolve();
        }, 20);
      };
      namespace.run(() => {
        namespace.set('value', 0);
        handle();
      });
    });
    assert.deepStrictEqual(seen, [0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 0]);
  });

  it('many interleaved chains, each its own', async () => {
    const chain = async (id) => {
      for (let turn = 0; turn < 20; turn++) {
        await new Promise((resolve) => (turn % 2 ? setImmediate(resolve) : setTimeout(resolve, id % 3)));
        assert.strictEqual(namespace.get('id'), id);
        namespace.set('turn', turn);
        await null;
        assert.strictEqual(namespace.get('turn'), turn);
      }
    };
    const chains = Array.from({ length: 50 }, (_, id) =>
      namespace.runAndReturn(() => {
        namespace.set('id', id);
        return chain(id);
      }),
    );
    assert.strictEqual(namespace.active, null);
    await Promise.all(chains);
  });

  it('a socket, with bindEmitter', async () => {
    const server = net.createServer((socket) => {
      namespace.run(() => {
        namespace.bindEmitter(socket);
        namespace.set('port', socket.remotePort);
        socket.on('data', () => socket.end(String(namespace.get('port') === socket.remotePort)));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ask = (client) =>
      new Promise((resolve) => {
        namespace.run((context) => {
          const socket = net.connect(server.address().port, '127.0.0.1', () => {
            assert.strictEqual(namespace.active, context);
            socket.write('question');
          });
          namespace.bindEmitter(socket);
          namespace.set('client', client);
          socket.on('data', (answer) => resolve([namespace.get('client'), String(answer)]));
        });
      });
    const answers = await Promise.all([1, 2, 3].map(ask));
    server.close();
    assert.deepStrictEqual(
      answers,
      [1, 2, 3].map((client) => [client, 'true']),
    );
  });

  it('HTTP requests, also over one connection, with their bodies', async () => {
    const server = http.createServer((request, response) => {
      namespace.bindEmitter(request);
      namespace.bindEmitter(response);
      namespace.run(() => {
        assert.strictEqual(namespace.get('url'), undefined);
        namespace.set('url', request.url);
        let body = '';
        request.on('data', (chunk) => {
          body += `${chunk} of ${namespace.get('url')}`;
        });
        request.on('end', () => setImmediate(() => response.end(`${body} for ${namespace.get('url')}`)));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    const ask = async (path) => {
      const { port } = server.address();
      const request = http.request({ port, host: '127.0.0.1', path, method: 'POST', agent });
      request.end(`body`);
      const [response] = await once(request, 'response');
      let answer = '';
      for await (const chunk of response) answer += chunk;
      return answer;
    };
    const paths = Array.from({ length: 10 }, (_, index) => `/${index}`);
    const answers = await Promise.all(paths.map(ask));
    agent.destroy();
    server.close();
    assert.deepStrictEqual(
      answers,
      paths.map((path) => `body of ${path} for ${path}`),
    );
  });

  it('errors to where they are caught', async () => {
    const fail = async () => {
      await null;
      throw new Error(namespace.get('user'));
    };
    const messages = await Promise.all(
      ['ada', 'bob'].map((user) =>
        namespace.runAndReturn(async () => {
          namespace.set('user', user);
          try {
            return await fail();
          } catch (error) {
            return [error.message, namespace.get('user')];
          }
        }),
      ),
    );
    assert.deepStrictEqual(messages, [
      ['ada', 'ada'],
      ['bob', 'bob'],
    ]);
  });
});
