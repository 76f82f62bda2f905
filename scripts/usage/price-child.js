'use strict';

/**
 * Measures one case of price.js: `node price-child.js <case> <mode>`. The mode is `off`, `tracked` (what the core is told of, as with a
 * watchdog) or `on`. `awaits` writes nanoseconds as JSON; the others serve HTTP until the parent process disconnects.
 */

const { once } = require('node:events');
const http = require('node:http');

const { createNamespace } = require('context');
const { start } = require('context/usage');
const { answerParent } = require('../../bench/measures/parent');
const { observe } = require('../../lib/engine/tracker');

const COUNT = 100_000;
const ROUNDS = 12;

const namespace = createNamespace('price');

async function asyncFunction() {}

const handlers = {
  bare: (response) => response.end('ok'),
  async 'ten awaits'(response) {
    for (let index = 0; index < 10; index++) await asyncFunction();
    response.end('ok');
  },
};

async function serve(handler) {
  const server = http.createServer((request, response) => {
    namespace.run(() => {
      namespace.set('route', request.url);
      return handler(response);
    });
  });
  answerParent();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send({ port: server.address().port });
}

async function measureAwaits() {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = process.hrtime.bigint();
    await namespace.run(async () => {
      for (let index = 0; index < COUNT; index++) await null;
    });
    best = Math.min(best, Number(process.hrtime.bigint() - begin) / COUNT);
  }
  console.log(JSON.stringify(best));
}

const [, , name, mode] = process.argv;
if (mode === 'tracked') observe();
if (mode === 'on') start({ keys: ['route'] });
if (name === 'awaits') measureAwaits();
else serve(handlers[name]);
