'use strict';

/**
 * A server with four tenants, of which one is expensive. It sends itself requests of all of them for some seconds and prints who had its
 * event loop: `node examples/noisy-neighbour.js`.
 */

const http = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');

const { createNamespace } = require('context');
const { middleware } = require('context/http');
const { start } = require('context/usage');

const SECONDS = 3;
const TENANTS = ['acme', 'globex', 'hooli', 'initech'];

const request = createNamespace('request');
const inContext = middleware(request, { init: (context, { headers }) => context.set('tenant', headers['x-tenant']) });

/** What a report is made of: far more for one of them. */
const entriesOf = (tenant) => Array.from({ length: tenant === 'hooli' ? 60_000 : 500 }, (_, index) => ({ index, tenant }));

async function report() {
  await delay(2);
  const entries = entriesOf(request.get('tenant'));
  await delay(1);
  return JSON.stringify(entries.sort((one, other) => other.index - one.index)).length;
}

const server = http.createServer((req, res) => inContext(req, res, async () => res.end(`${await report()}`)));

function get(port, tenant) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, headers: { 'x-tenant': tenant } };
    http.get(options, (res) => res.resume().on('end', resolve)).on('error', reject);
  });
}

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const usage = start({ namespaces: [request], keys: ['tenant'] });
  const end = performance.now() + SECONDS * 1000;
  const client = async (tenant) => {
    for (; performance.now() < end; await delay(20)) await get(port, tenant);
  };
  await Promise.all(TENANTS.map(client));
  usage.stop();
  console.table(usage.by('tenant'), ['row', 'loopTime', 'share', 'cpuTime', 'callbacks', 'longest']);
  server.close();
});
