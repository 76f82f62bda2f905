'use strict';

const dgram = require('node:dgram');
const dns = require('node:dns');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');

const { cases } = require('../case');

const HOST = '127.0.0.1';
const ACCEPTED = 'the handle of an accepted connection is made by the platform, outside of all contexts';

/** Listens, and closes with all connections in the end. */
async function listen(server, after, ...where) {
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(...(where.length > 0 ? where : [0, HOST]));
  await once(server, 'listening');
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server.address();
}

function echo(socket) {
  socket.on('error', () => {}).pipe(socket);
}

/** What a client of an echo server does. */
function talk(step, socket) {
  return new Promise((resolve) => {
    socket.on('connect', () => step('connect'));
    socket.on('data', () => {
      step('data');
      socket.end(() => step('finish'));
    });
    socket.on('end', () => step('end')).on('close', () => resolve(step('close')));
    socket.write('text', () => step('written'));
  });
}

/** A key that both sides have, in place of a certificate. */
const psk = { psk: Buffer.alloc(16, 'key'), identity: 'conformance' };
const secure = { ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => psk };

module.exports = cases({
  'net: a client': {
    prepare: (after) => listen(net.createServer(echo), after),
    start: (step, { shared }) =>
      talk(
        step,
        net.connect(shared.port, HOST, () => step('callback')),
      ),
  },
  'net: a client of a local socket': {
    async prepare(after) {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-conformance-'));
      after(() => fs.rmSync(folder, { recursive: true }));
      const at = process.platform === 'win32' ? `\\\\.\\pipe\\${path.basename(folder)}` : path.join(folder, 'socket');
      return listen(net.createServer(echo), after, at);
    },
    start: (step, { shared }) => talk(step, net.connect(shared)),
  },
  'net: a client that is refused': {
    async prepare() {
      const server = net.createServer().listen(0, HOST);
      await once(server, 'listening');
      const { port } = server.address();
      server.close();
      return port;
    },
    start: (step, { shared, done }) => {
      net
        .connect(shared, HOST)
        .on('error', () => step('error'))
        .on('close', () => done(step('close')));
    },
  },
  'net: a client that times out': {
    prepare: (after) => listen(net.createServer(), after),
    start: (step, { shared, done }) => {
      const socket = net.connect(shared.port, HOST);
      socket.setTimeout(5, () => {
        step('timeout');
        socket.destroy();
      });
      socket.on('close', () => done(step('close')));
    },
  },
  'net: a server in each context': {
    loses: { data: ACCEPTED, end: ACCEPTED, close: ACCEPTED },
    start: (step, { done }) => {
      const server = net.createServer((socket) => {
        step('connection');
        socket.on('data', () => step('data'));
        socket.on('end', () => {
          step('end');
          server.close(() => done(step('close')));
        });
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
    async prepare(after) {
      const units = [];
      const server = net.createServer({ allowHalfOpen: true }, (socket) => units.shift()(socket));
      const { port } = await listen(server, after);
      return { port, units };
    },
    start: (step, { shared, within, done }) => {
      shared.units.push((socket) =>
        within(() => {
          socket.on('data', () => step('data'));
          const ended = new Promise((end) => socket.on('end', () => end(step('end'))));
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
    prepare: (after) => listen(tls.createServer(secure, echo), after),
    start: (step, { shared }) => {
      const options = { ...secure, port: shared.port, host: HOST, checkServerIdentity() {} };
      const socket = tls.connect(options, () => step('callback'));
      return talk(
        step,
        socket.on('secureConnect', () => step('secureConnect')),
      );
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
  async 'dns.lookup'(step) {
    await new Promise((resolve) => dns.lookup('localhost', () => resolve(step('callback'))));
    await dns.promises.lookup(HOST);
    step('awaited');
  },
  async 'dns.lookupService'(step) {
    await new Promise((resolve) => dns.lookupService(HOST, 80, () => resolve(step('callback'))));
    await dns.promises.lookupService(HOST, 80).catch(() => {});
    step('awaited');
  },
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
      const options = { timeout: 1000, tries: 1 };
      const resolver = new dns.Resolver(options);
      resolver.setServers([shared]);
      await new Promise((resolve) => resolver.resolve4('name.example', () => resolve(step('callback'))));
      const promising = new dns.promises.Resolver(options);
      promising.setServers([shared]);
      await promising.resolve4('name.example').catch(() => step('catch'));
    },
  },
});
