'use strict';

/**
 * What loses its context on Bun or on Deno, with the line that repairs it: `add` for emitters, `bind` for callbacks. Each of the units of
 * work does that at the same time.
 */

const { once } = require('node:events');
const net = require('node:net');

const { bind, createNamespace } = require('context');

const { Counts } = require('./counts');

const UNITS = 20;

const namespace = createNamespace('repairs');
const counts = new Counts();

/** The events of a socket. */
async function connect(port, look) {
  const socket = namespace.active.add(net.connect(port, '127.0.0.1'));
  for (const event of ['connect', 'data', 'finish', 'end', 'close']) socket.on(event, look);
  socket.end('text');
  await once(socket, 'close');
}

/** A message by a channel. */
function post(look) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = bind(() => {
      look();
      port1.close();
      resolve();
    });
    port2.postMessage('text');
  });
}

/** A signal that aborts after a time. The timer stands for what else the program does. */
function abort(look) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {}, 1_000);
    const listener = bind(() => {
      look();
      clearTimeout(timer);
      resolve();
    });
    AbortSignal.timeout(5).addEventListener('abort', listener);
  });
}

async function main() {
  const server = net.createServer((socket) => socket.pipe(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  const work = async (id) => {
    namespace.set('id', id);
    const look = () => counts.look(namespace.get('id'), id);
    await Promise.all([connect(port, look), post(look), abort(look)]);
  };
  await Promise.all(Array.from({ length: UNITS }, (_, index) => namespace.run(work, `unit ${index}`)));
  counts.print();
}

main();
