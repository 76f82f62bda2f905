'use strict';

/** A server that runs each request in a context of its own, and code that knows nothing of the request. */

const fs = require('node:fs/promises');

const { createNamespace } = require('context');

const { Counts } = require('./counts');
const { send } = require('./requests');

const namespace = createNamespace('server');
const counts = new Counts();

async function find(id) {
  const look = () => counts.look(namespace.get('id'), id);
  look();
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    look();
  }
  await fs.readFile(__filename);
  look();
  await new Promise((resolve) => process.nextTick(() => setImmediate(() => queueMicrotask(resolve))));
  look();
  return namespace.get('id');
}

async function main() {
  const answers = await send((request, response) => {
    namespace.run(async () => {
      const id = request.headers['x-request-id'];
      namespace.set('id', id);
      response.end(await find(id));
    });
  });
  for (const { id, answer } of answers) counts.look(answer, id);
  counts.look(namespace.isActive() ? 'active' : 'none', 'none');
  counts.print();
}

main();
