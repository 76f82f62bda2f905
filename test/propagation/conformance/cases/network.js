'use strict';

const dgram = require('node:dgram');
const dns = require('node:dns');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');

const { awaiting, cases, stepIn, stepsAt } = require('../case');

const HOST = '127.0.0.1';
const ACCEPTED = 'the handle of an accepted connection is made by the platform, outside of all contexts';

/** Has a server listen, and close with all connections in the end. */
const listening =
  (makeServer, ...where) =>
  async (after) => {
    const server = makeServer();
    const sockets = new Set();
    server.on('connection', (socket) => sockets.add(socket));
    server.listen(...(where.length > 0 ? where.map((make) => make(after)) : [0, HOST]));
    await once(server, 'listening');
    after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    return { address, port: address.port, units: server.units };
  };

const echo = (socket) => socket.on('error', () => {}).pipe(socket);

/** What a client of an echo server does. */
function talk(step, socket, connected = 'connect') {
  socket.on('data', () => socket.end(() => step('finish')));
  socket.write('text', () => step('written'));
  return stepsAt(socket, step, connected, 'data', 'end', 'close');
}

/** A path of a local socket. */
function localPath(after) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-conformance-'));
  after(() => fs.rmSync(folder, { recursive: true }));
  return process.platform === 'win32' ? `\\\\.\\pipe\\${path.basename(folder)}` : path.join(folder, 'socket');
}

/** A key that both sides have, in place of a certificate. */
const psk = { psk: Buffer.alloc(16, 'key'), identity: 'conformance' };
const secure = { ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => psk };

module.exports = cases({
  'net: a client': {
    prepare: listening(() => net.createServer(echo)),
    start: (step, { shared }) =>
      talk(
        step,
        net.connect(shared.port, HOST, () => step('callback')),
      ),
  },
  'net: a client of a local socket': {
    prepare: listening(() => net.createServer(echo), localPath),
    start: (step, { shared }) => talk(step, net.connect(shared.address)),
  },
  'net: a client that is refused': {
    async prepare() {
      const server = net.createServer().listen(0, HOST);
      await once(server, 'listening');
      const { port } = server.address();
      server.close();
      return port;
    },
    start: (step, { shared }) => stepsAt(net.connect(shared, HOST), step, 'error', 'close'),
  },
  'net: a client that times out': {
    prepare: listening(() => net.createServer()),
    start: (step, { shared }) => {
      const socket = net.connect(shared.port, HOST);
      socket.setTimeout(5, () => socket.destroy());
      return stepsAt(socket, step, 'timeout', 'close');
    },
  },
  'net: a server in each context': {
    loses: { data: ACCEPTED, end: ACCEPTED, close: ACCEPTED },
    start: (step, { done }) => {
      const server = net.createServer((socket) => {
        step('connection');
        stepsAt(socket, step, 'data', 'end');
        socket.on('end', () => server.close(() => done(step('close'))));
      });
      server.listen(0, HOST, () => {
        step('listening');
        net.connect(server.address().port, HOST).end('text').resume();
      });
    },
  },
  'net: a connection to a shared server, which enters a context': {
    entersItself: true,
    loses: { data: ACCEPTED, end: ACCEPTED },
    prepare: listening(() => {
      const units = [];
      return Object.assign(
        net.createServer({ allowHalfOpen: true }, (socket) => units.shift()(socket)),
        { units },
      );
    }),
    start: (step, { shared, within, done }) => {
      shared.units.push((socket) =>
        within(() => {
          const ended = stepsAt(socket, step, 'data', 'end');
          setImmediate(async () => {
            step('immediate');
            await ended;
            step('awaited');
            socket.end('text', () => done(step('finish')));
          });
        }),
      );
      net.connect(shared.port, HOST).end('text').resume();
    },
  },
  'tls: a client': {
    prepare: listening(() => tls.createServer(secure, echo)),
    start: (step, { shared }) => {
      const options = { ...secure, port: shared.port, host: HOST, checkServerIdentity() {} };
      const socket = tls.connect(options, () => step('callback')).on('connect', () => step('connect'));
      return talk(step, socket, 'secureConnect');
    },
  },
  dgram: (step, { done }) => {
    const socket = dgram.createSocket('udp4');
    socket.on('message', () => {
      step('message');
      socket.close(() => done(step('close')));
    });
    socket.bind(0, HOST, () => {
      step('listening');
      socket.send('text', socket.address().port, HOST, () => step('sent'));
    });
  },
  'dns.lookup': awaiting(async (step) => {
    await stepIn((callback) => dns.lookup('localhost', callback), step);
    await dns.promises.lookup(HOST);
  }),
  'dns.lookupService': awaiting(async (step) => {
    await stepIn((callback) => dns.lookupService(HOST, 80, callback), step);
    await dns.promises.lookupService(HOST, 80).catch(() => {});
  }),
  'dns.Resolver': {
    async prepare(after) {
      const server = dgram.createSocket('udp4');
      // Answers as a server does that refuses: the question with a flag and a code put in.
      server.on('message', (query, { port, address }) => {
        query[2] |= 0x80;
        query[3] = 5;
        server.send(query, port, address);
      });
      server.bind(0, HOST);
      await once(server, 'listening');
      after(() => server.close());
      return `${HOST}:${server.address().port}`;
    },
    async start(step, { shared }) {
      const [resolver, promising] = [dns.Resolver, dns.promises.Resolver].map((Resolver) => new Resolver({ tries: 1 }));
      for (const each of [resolver, promising]) each.setServers([shared]);
      await stepIn((callback) => resolver.resolve4('name.example', callback), step);
      await promising.resolve4('name.example').catch(() => step('catch'));
    },
  },
});
