'use strict';

/** Serves HTTP, for price.js, with what the first argument says; the second one is the interval. */

const { once } = require('node:events');
const http = require('node:http');
const inspector = require('node:inspector');

const { createNamespace } = require('context');
const { instrument } = require('context/http');
const { continuous } = require('context/profiler');

const { answerParent } = require('../../bench/measures/parent');
const { observe } = require('../../lib/engine/tracker');

const AWAITS = 10;

async function asyncFunction() {}

/** V8's profiler alone. */
function sample(interval) {
  const session = new inspector.Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: interval * 1000 });
  session.post('Profiler.start');
}

/** What is on, by the name of the case. */
const cases = {
  off: () => {},
  sampler: sample,
  tracker: () => observe(),
  profiler: (interval) => continuous({ every: 60_000, interval, labels: ['route'] }, () => {}),
};

async function main(name, interval) {
  const requests = createNamespace('requests');
  instrument(requests, { init: (context, { url }) => context.set('route', url) });
  const server = http.createServer(async (request, response) => {
    for (let index = 0; index < AWAITS; index++) await asyncFunction();
    response.end(requests.get('route'));
  });
  answerParent();
  cases[name](Number(interval));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send({ port: server.address().port });
}

main(...process.argv.slice(2));
