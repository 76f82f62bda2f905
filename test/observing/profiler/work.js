'use strict';

/**
 * Work with known owners: units that run many at a time, each in a context of its own with its own `id` and `kind`, and each with a
 * function of its own, whose name says whose it is. What a sample's stack shows is compared with the sample's labels.
 */

const net = require('node:net');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace, destroyNamespace } = require('context');

/** Takes time in a function that has the unit's name. */
function makeBurn(id) {
  return new Function(
    `return function burn_${id}(ms) {
      const end = performance.now() + ms;
      let sum = 0;
      while (performance.now() < end) for (let n = 0; n < 200; n++) sum += Math.sqrt(n);
      return sum;
    }`,
  )();
}

/** How many units there are at least, however slow the machine is. */
const FEWEST = 200;

const short = () => Math.random() * 2;

/** What the units of each kind wait for between two pieces of work. */
function makeKinds(port) {
  return {
    timers: () => new Promise((resolve) => setTimeout(resolve, short())),
    awaits: async () => {
      for (let turn = 0; turn < 5; turn++) await undefined;
      await nextTurn();
    },
    sockets: () =>
      new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.end('x'));
        socket.on('error', reject);
        socket.on('data', () => {});
        socket.on('close', resolve);
      }),
    ticks: () => new Promise((resolve) => setImmediate(() => process.nextTick(() => queueMicrotask(resolve)))),
  };
}

/** One unit: it works, waits, and works on. `kind` is known from the start, `id` only when most is done. */
async function work(namespace, id, kind, wait, pieces) {
  const burn = makeBurn(id);
  await namespace.run(async () => {
    namespace.set('kind', kind);
    for (let piece = 0; piece < pieces; piece++) {
      burn(0.3 + short());
      await wait();
      if (kind !== 'timers') burn(short() / 2);
      else await new Promise((resolve) => setTimeout(() => resolve(burn(short() / 2)), 1));
      if (piece === pieces - 2) namespace.set('id', `${id}`);
    }
  });
}

/**
 * Has units of all kinds work at the same time.
 *
 * @param {{ duration: number, concurrency: number }} options `duration` is in milliseconds, in which units are started
 * @returns {Promise<string[]>} by the number of each unit, its kind
 */
async function workInAll({ duration, concurrency }) {
  const namespace = createNamespace('work');
  const server = net.createServer((socket) => socket.on('error', () => {}).pipe(socket));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kinds = Object.entries(makeKinds(server.address().port));
  const end = performance.now() + duration;
  const made = [];
  const one = async () => {
    while (performance.now() < end || made.length < FEWEST) {
      const [kind, wait] = kinds[made.length % kinds.length];
      await work(namespace, made.push(kind) - 1, kind, wait, 3);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  await new Promise((resolve) => server.close(resolve));
  destroyNamespace('work');
  return made;
}

/**
 * Compares the labels of all samples whose owner can be told from the stack.
 *
 * @param {object} cpuProfile with the labels `id` and `kind` at the root
 * @param {string[]} made the kinds of the units
 * @returns {{ known: number, unlabelled: number, wrong: string[], kinds: object }}
 */
function compare(cpuProfile, made) {
  const parents = new Map();
  const byId = new Map(cpuProfile.nodes.map((node) => [node.id, node]));
  for (const { id, children } of cpuProfile.nodes) for (const child of children) parents.set(child, id);
  const result = { known: 0, unlabelled: 0, wrong: [], kinds: {} };
  for (const sample of cpuProfile.samples) {
    const stack = [];
    for (let at = sample; at !== undefined; at = parents.get(at)) stack.push(byId.get(at).callFrame.functionName);
    const owner = stack.map((name) => /^burn_(\d+)$/.exec(name)?.[1]).find((id) => id !== undefined);
    if (owner === undefined) continue;
    const told = (label) => stack.find((name) => name.startsWith(`${label}: `))?.slice(label.length + 2);
    const kind = made[owner];
    result.known++;
    result.kinds[kind] = (result.kinds[kind] ?? 0) + 1;
    if (told('id') === undefined || told('kind') === undefined) result.unlabelled++;
    const isWrong = (told('id') ?? owner) !== owner || (told('kind') ?? kind) !== kind;
    if (isWrong) result.wrong.push(`burn_${owner} (${kind}) is told to be ${told('id')} (${told('kind')})`);
  }
  return result;
}

module.exports = { compare, workInAll };
