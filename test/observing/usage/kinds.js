'use strict';

/** Four kinds of work, many pieces at a time, that take turns at random over timers, awaits and sockets, each with a clock of its own. */

const { once } = require('node:events');
const net = require('node:net');

const { work } = require('./work');

/** How long a step of each kind works at least and at most, in milliseconds. */
const KINDS = { light: [1, 3], even: [3, 3], heavy: [5, 9], mixed: [1, 9] };

const random = (least, most) => least + Math.random() * (most - least);

async function connect({ port }) {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Ways to go on later. */
const HOPS = [
  () => null,
  async () => {
    await null;
    await new Promise((resolve) => queueMicrotask(resolve));
  },
  () => new Promise(setImmediate),
  () => new Promise((resolve) => setTimeout(resolve, random(0, 3))),
  () => new Promise((resolve) => process.nextTick(resolve)),
  (socket) =>
    new Promise((resolve) => {
      socket.once('data', resolve);
      socket.write('a');
    }),
];

/** A step of a kind: works, and starts what it goes on by, on its own clock. */
function step(kind, clock, socket) {
  const begin = performance.now();
  work(random(...KINDS[kind]));
  const next = HOPS[Math.floor(Math.random() * HOPS.length)](socket);
  clock[kind] += performance.now() - begin;
  return next;
}

/** Does pieces of work in a context each, of a random `kind`. Resolves to the time of each kind by its own clock, in milliseconds. */
async function workInKinds(namespace, { pieces, atATime, steps }) {
  const server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const names = Object.keys(KINDS);
  const clock = Object.fromEntries(names.map((kind) => [kind, 0]));
  const sockets = await Promise.all(Array.from({ length: atATime }, () => connect(server.address())));
  const piece = async (kind, socket) => {
    namespace.set('kind', kind);
    for (let n = 0; n < steps; n++) await step(kind, clock, socket);
  };
  let left = pieces;
  const worker = async (socket) => {
    while (left-- > 0) await namespace.run(piece, names[Math.floor(Math.random() * names.length)], socket);
    socket.destroy();
  };
  await Promise.all(sockets.map(worker));
  server.close();
  await once(server, 'close');
  return clock;
}

module.exports = { KINDS, workInKinds };
