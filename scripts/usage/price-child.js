'use strict';

/**
 * Measures one case of price.js: `node price-child.js <case>`. The modes take turns in one process, several times a second, so that a machine
 * that is busy with other things is so for all of them. When the parent process asks, it gets what each turn took, by the mode: nanoseconds
 * of an `await`, or microseconds of CPU time a request.
 */

const { once } = require('node:events');
const http = require('node:http');

const { createNamespace } = require('context');
const { start } = require('context/usage');
const { observe } = require('../../lib/engine/tracker');

/** Of a turn, in milliseconds, and how many requests it has at least: one in which the client had no time tells nothing. */
const TURN = 100;
const REQUESTS = 50;

/** Turns that are not counted: the program is being compiled. */
const WARM_UP = 30;

const AWAITS = 50_000;

const namespace = createNamespace('price');

/** What is on in each mode, and how it is stopped. */
const modes = {
  off: () => () => {},
  tracked: () => observe(),
  on() {
    const usage = start({ keys: ['route'] });
    return () => usage.stop();
  },
};
const names = Object.keys(modes);
const told = Object.fromEntries(names.map((name) => [name, []]));

async function asyncFunction() {}

const handlers = {
  bare: (response) => response.end('ok'),
  async 'ten awaits'(response) {
    for (let index = 0; index < 10; index++) await asyncFunction();
    response.end('ok');
  },
};

async function serve(handler) {
  let requests = 0;
  const server = http.createServer((request, response) => {
    requests++;
    namespace.run(() => {
      namespace.set('route', request.url);
      return handler(response);
    });
  });
  let turns = 0;
  let stop = modes.off();
  let cpuBefore = process.cpuUsage();
  let requestsBefore = 0;
  setInterval(() => {
    const { user, system } = process.cpuUsage(cpuBefore);
    const count = requests - requestsBefore;
    if (count >= REQUESTS && turns >= WARM_UP) told[names[turns % names.length]].push((user + system) / count);
    stop();
    stop = modes[names[++turns % names.length]]();
    cpuBefore = process.cpuUsage();
    requestsBefore = requests;
  }, TURN);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send({ port: server.address().port });
}

async function measureAwaits(rounds) {
  for (let turn = 0; turn < WARM_UP + rounds * names.length; turn++) {
    const name = names[turn % names.length];
    const stop = modes[name]();
    const begin = process.hrtime.bigint();
    await namespace.run(async () => {
      for (let index = 0; index < AWAITS; index++) await null;
    });
    if (turn >= WARM_UP) told[name].push(Number(process.hrtime.bigint() - begin) / AWAITS);
    stop();
  }
  process.send(told);
}

process.on('message', () => process.send(told));
process.on('disconnect', () => process.exit());
if (process.argv[2] === 'awaits') measureAwaits(30);
else serve(handlers[process.argv[2]]);
