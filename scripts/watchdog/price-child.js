'use strict';

/** Measures one case of price.js, which the environment names. Writes nanoseconds as JSON. */

const { createNamespace } = require('context');
const { start } = require('context/watchdog');

const COUNT = 100_000;
const ROUNDS = 12;

const namespace = createNamespace('price');
if (process.env.EXPOSE) namespace.expose('id');

const measures = {
  context() {
    for (let i = 0; i < COUNT; i++) namespace.run(() => namespace.set('id', 'request-12345'));
  },
  set(context) {
    for (let i = 0; i < COUNT; i++) context.set('id', 'request-12345');
  },
  async await() {
    for (let i = 0; i < COUNT; i++) await null;
  },
};

async function main() {
  const watchdog = process.env.WATCH ? start({ threshold: 60_000 }) : undefined;
  const best = {};
  const context = namespace.createContext();
  for (const [name, work] of Object.entries(measures)) {
    best[name] = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const begin = process.hrtime.bigint();
      await context.run(() => work(context));
      best[name] = Math.min(best[name], Number(process.hrtime.bigint() - begin) / COUNT);
    }
  }
  watchdog?.stop();
  console.log(JSON.stringify(best));
}

main();
