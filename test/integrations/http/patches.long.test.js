'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');

/** What a program prints that ends well. */
async function outputOf(program) {
  const { code, stdout, stderr } = await runNode(program);
  assert.strictEqual(code, 0, stderr);
  return stdout;
}

const instrument = `
  const namespace = require('context').createNamespace('requests');
  require('context/http').instrument(namespace, { init: (context, { url }) => context.set('url', url) });
`;

/** Servers, made in a domain, whose requests fail in each way; and what makes one of them. Prints which domain got each error. */
const failing = `
  const [http, http2, net] = ['http', 'http2', 'net'].map(require);
  const answers = [];
  const fails = {
    '/throws'() { throw new Error('thrown'); },
    '/timer': () => setTimeout(() => { throw new Error('of a timer'); }),
    async '/rejects'() { throw new Error('rejected'); },
    '/emits': (request) => request.emit('error', new Error('of the request')),
    '/response': (_, response) => response.destroy(new Error('of the response')),
    '/emitter': () => new (require('events'))().emit('error', new Error('of an emitter')),
  };
  const handle = (request, response, url = request.url) => {
    const own = domain.create();
    own.on('error', (error) => {
      answers.push(url + ': own: ' + error.message);
      response.destroy();
    });
    if (url === '/emits' || url === '/response') [request, response].forEach((emitter) => own.add(emitter));
    // The domain around that the server was made in gets what is thrown.
    if (url === '/timer') own.run(fails[url]);
    else fails[url](request, response);
  };
  const makeServers = () => [
    http.createServer(handle),
    http2.createServer(handle),
    http2.createServer().on('stream', (stream, headers) => handle(stream, stream, headers[':path'])),
  ];
  const around = domain.create();
  let close = () => {};
  around.on('error', (error) => {
    answers.push('around: ' + error.message);
    close();
  });
  const askOne = (server, url) => {
    const { port } = server.address();
    if (server instanceof http.Server) return http.get({ port, host: '127.0.0.1', path: url }).on('response', (it) => it.resume());
    const client = http2.connect('http://127.0.0.1:' + port).on('error', () => {});
    return client.request({ ':path': url }).on('close', () => client.destroy());
  };
  (async () => {
    for (const server of around.run(makeServers)) {
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      for (const url of Object.keys(fails)) {
        const asked = askOne(server, url).on('error', () => {});
        close = () => asked.destroy();
        await new Promise((resolve) => asked.on('close', resolve));
      }
      server.close();
    }
    console.log(JSON.stringify(answers));
    process.exit();
  })();
`;

describe('instrument, where others replace emit', () => {
  for (const library of ['node:domain', 'context/domain']) {
    it(`loses no error on its way to a domain of ${library}, whichever is first`, async () => {
      const domain = `const domain = require('${library}'); domain.create();`;
      const without = await outputOf(domain + failing);
      assert.deepStrictEqual([...without.matchAll(/around: thrown/g)].length, 3, without);
      assert.strictEqual(await outputOf(domain + instrument + failing), without);
      assert.strictEqual(await outputOf(instrument + domain + failing), without);
    });

    it(`loses no error of a request that is under way when ${library} is loaded`, async () => {
      const program = `
        const http = require('http');
        const server = http.createServer((request, response) => {
          const own = require('${library}').create();
          own.on('error', (error) => response.end(error.message));
          own.add(request);
          request.emit('error', new Error('to its domain'));
        });
        server.listen(0, '127.0.0.1', async () => {
          console.log(await (await fetch('http://127.0.0.1:' + server.address().port)).text());
          process.exit();
        });
      `;
      assert.strictEqual(await outputOf(program), 'to its domain\n');
      assert.strictEqual(await outputOf(instrument + program), 'to its domain\n');
    });
  }

  it('looks through to what is put on the classes of servers later, and taken off, in any order', async () => {
    const stdout = await outputOf(`
      ${instrument}
      const [http, https, http2, net, tls] = ['http', 'https', 'http2', 'net', 'tls'].map(require);
      const { EventEmitter } = require('events');
      const servers = [http.createServer(), https.createServer(), http2.createServer(), http2.createSecureServer()];
      let called;
      for (const server of servers) server.on('request', () => called.push(namespace.isActive() ? 'in' : 'out'));
      /** Wraps emit. Takes events with a name alone, as others do. */
      const wrap = ({ prototype }, name) => {
        const { emit } = prototype;
        prototype.emit = function (event, ...args) {
          if (event.endsWith('request')) called.push(name);
          return Reflect.apply(emit, this, [event, ...args]);
        };
        return () => (prototype.emit = emit);
      };
      const show = () => console.log(servers.map((server) => {
        called = [];
        server.emit('request', new http.IncomingMessage(null), new http.ServerResponse({ method: 'GET' }));
        return called.join(' ');
      }).join(', '));
      const classes = { all: EventEmitter, net: net.Server, tls: tls.Server, http: http.Server };
      for (const [name, Class] of Object.entries(classes)) {
        const unwrap = wrap(Class, name);
        show();
        unwrap();
      }
      const unwrap = wrap(http.Server, 'on top');
      const again = () => require('context/http').instrument(require('context').createNamespace('other'));
      again();
      show();
      // Puts back what was there before the second call.
      unwrap();
      show();
      delete http.Server.prototype.emit;
      again();
      show();
      console.log(require('context').stats().namespaces.requests.created);
    `);
    assert.deepStrictEqual(stdout.trimEnd().split('\n'), [
      'all in, all in, all in, all in',
      'net in, net in, net in, net in',
      'in, tls in, in, tls in',
      'http in, in, in, in',
      'on top in, in, in, in',
      'in, in, in, in',
      'in, in, in, in',
      '28',
    ]);
  });
});
