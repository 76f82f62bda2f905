'use strict';

/** A server with four tenants, of which one is dear: for picture.js, and for main.js, which knows what each of them takes. */

const http = require('node:http');
const { Worker } = require('node:worker_threads');

const { createNamespace } = require('context');
const { instrument } = require('context/http');

const TENANTS = ['acme', 'globex', 'initech', 'umbrella'];
const ROUTES = ['/home', '/search', '/report'];

/** How many items a tenant has. */
const ITEMS = { acme: 30_000, globex: 2500, initech: 2500, umbrella: 2500 };

const shops = Object.fromEntries(
  TENANTS.map((tenant) => [
    tenant,
    Array.from({ length: ITEMS[tenant] }, (_, id) => ({ id, name: `item ${(id * 7919) % 10_007}` })),
  ]),
);

function renderHome(shop) {
  return shop.slice(0, 50).map(({ name }) => `<li>${name}</li>`).join(''); // prettier-ignore
}

function searchItems(shop, text) {
  return shop.filter(function matches({ name }) {
    return name.includes(text);
  });
}

function compareNames(one, other) {
  return one.name < other.name ? -1 : 1;
}

function makeReport(shop) {
  return [...shop].sort(compareNames).map(function formatLine({ id, name }) {
    return `${id};${name}`;
  });
}

async function handle(path, shop) {
  await undefined;
  if (path === '/home') return renderHome(shop);
  if (path === '/search') return JSON.stringify(searchItems(shop, '77'));
  return makeReport(shop).join('\n');
}

/** Sends the requests of all tenants, from a thread of its own. */
const CLIENT = `
  const { parentPort, workerData: { port, paths, rounds } } = require('node:worker_threads');
  async function main() {
    const { fetch } = globalThis;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(paths.map(async (path) => (await fetch('http://127.0.0.1:' + port + path)).text()));
    }
    parentPort.postMessage('done');
  }
  main();
`;

/**
 * Serves requests of all tenants, some at a time.
 *
 * @param {number} rounds how often each tenant asks for each route
 */
async function serveTenants(rounds) {
  const requests = createNamespace('tenants');
  const instrumentation = instrument(requests, {
    init(context, { url }) {
      const [, tenant, ...rest] = url.split('/');
      context.set('tenant', tenant);
      context.set('route', `/${rest.join('/')}`);
    },
  });
  const server = http.createServer(async (request, response) => {
    response.end(await handle(requests.get('route'), shops[requests.get('tenant')]));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const paths = TENANTS.flatMap((tenant) => ROUTES.map((route) => `/${tenant}${route}`));
  const client = new Worker(CLIENT, { eval: true, workerData: { port: server.address().port, paths, rounds } });
  await new Promise((resolve, reject) => client.on('message', resolve).on('error', reject));
  await client.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  instrumentation.disable();
}

module.exports = { TENANTS, serveTenants };
