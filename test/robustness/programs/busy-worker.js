'use strict';

/** A worker thread that is busy in contexts until it is terminated. */

const { createNamespace } = require('context');

const namespace = createNamespace('worker');
const kept = [];

async function turn() {
  const context = namespace.createContext();
  await context.run(async () => {
    context.set('self', context);
    kept.push(namespace.bind(() => namespace.get('self')));
    await null;
  });
  if (kept.length > 10000) kept.length = 0;
  setImmediate(namespace.active.bind(turn));
}

turn();
