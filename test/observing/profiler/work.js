'use strict';

/**
 * Work with known owners: units that run many at a time, each in a context with its own `id` and `kind`, and with a function whose name
 * has the `id`, so that the stack of a sample can be compared with its labels.
 */

const net = require('node:net');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace, destroyNamespace } = require('context');

/** A function that uses the processor, and has the unit's name. */
function makeBurn(id) {
  return new Function(`return function burn_${id}(ms) {
    const end = performance.now() + ms;
    let sum = 0;
    while (performance.now() < end) for (let n = 0; n < 200; n++) sum += Math.sqrt(n);
    return sum;
  }`)();
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

/** Starts units of all kinds for a duration, in milliseconds. Resolves to their kinds, by their numbers. */
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

/** Compares the labels `id` and `kind`, at the root of a .cpuprofile, of all samples whose stack shows the owner, with its kind. */
function compare(cpuProfile, made) {
  const parents = new Map();
  const byId = new Map(cpuProfile.nodes.map((node) => [node.id, node]));
  for (const { id, children } of cpuProfile.nodes) for (const child of children) parents.set(child, id);
  const result = { known: 0, unlabelled: 0, wrong: [], kinds: {} };
  for (const sample of cpuProfile.samples) {
    const stack = [];
    for (let at = sample; at !== undefined; at = parents.get(at)) stack.push(byId.get(at).callFrame.functionName);
    const owner = stack.map((name) => /^burn_(\d+)$/.exec(name)?.[1]).find((number) => number !== undefined);
    if (owner === undefined) continue;
    const valueOf = (label) => stack.find((name) => name.startsWith(`${label}: `))?.slice(label.length + 2);
    const [id, kind] = [valueOf('id'), valueOf('kind')];
    const own = made[owner];
    result.known++;
    result.kinds[own] = (result.kinds[own] ?? 0) + 1;
    if (id === undefined || kind === undefined) result.unlabelled++;
    const isWrong = (id ?? owner) !== owner || (kind ?? own) !== own;
    if (isWrong) result.wrong.push(`burn_${owner} (${own}) has the labels of ${id} (${kind})`);
  }
  return result;
}

module.exports = { compare, workInAll };
