'use strict';

/** A worker thread that is busy in contexts until it is terminated; with the argument `observed` it also blocks, while observers come and go. */

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

/** Is watched and counted, in turns that are reported, with labels that change. */
function observe() {
  const count = () => require('context/usage').start({ keys: ['text'], every: 100 });
  require('context/watchdog').start({ threshold: 10, every: 10, destination: require('node:os').devNull });
  namespace.expose('text');
  let usage = count();
  setInterval(() => {
    namespace.run(() => {
      const end = Date.now() + 5 + Math.random() * 30;
      while (Date.now() < end) namespace.set('text', 'x'.repeat(Math.random() * 200));
    });
    usage.by('text');
    usage.stop();
    usage = count();
  }, 5);
}

turn();
if (process.argv.includes('observed')) observe();
