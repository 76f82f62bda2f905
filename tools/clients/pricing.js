'use strict';

/**
 * The CPU time of a request with six client calls: `node pricing.js <job>`, with the finder or without. Sends microseconds to its parent. With
 * `isLossy`, callbacks that lose their context read it.
 */

const { createRequire } = require('node:module');
const path = require('node:path');

const { ports, folder, isLossy } = JSON.parse(process.argv[2]);
const { createNamespace } = require('../..');
const { pg, redis } = require('./cases');

const load = createRequire(path.join(folder, 'package.json'));
const REQUESTS = 2000;
const AT_A_TIME = 20;

const request = createNamespace('request');
const lines = [];

function log(text, fields) {
  lines.push({ text, ...fields, id: request.get('id') });
  if (lines.length > 100) lines.length = 0;
}

/** Validates, as an application does between its calls. */
function toOrder({ rows }, user, prices) {
  const items = prices.map((price, index) => ({ price: Number(price), index })).filter(({ price }) => price >= 0);
  return { user, rows: rows.map((row) => ({ ...row })), total: items.reduce((sum, { price }) => sum + price, 0) };
}

const repository = {
  find: (pool, id) => pool.query('SELECT $1::text AS id', [id]),
  async save(pool, order) {
    log('saved', { total: order.total });
    return pool.query('SELECT $1::int AS total', [order.total]);
  },
};

async function handle(id, { pool, client }) {
  const user = await client.get(`user:${id}`);
  log('user');
  const [found, price] = await Promise.all([repository.find(pool, id), client.get('price')]);
  const order = toOrder(found, user, [price ?? 1, 2, 3]);
  await repository.save(pool, order);
  await client.set(`order:${id}`, JSON.stringify(order));
  await client.get(`order:${id}`);
  log('done', { id });
}

/** Six callbacks, of which most run in another request. */
function handleLosing(id, { pool }) {
  return new Promise((resolve) => {
    let left = 6;
    const finish = () => {
      log('row');
      if (--left === 0) resolve();
    };
    for (let index = 0; index < 6; index++) pool.query('SELECT 1', finish);
  });
}

async function main() {
  const parts = await pg.setUp({ load, ports });
  const { stop: stopPg } = parts;
  const { client, stop: stopRedis } = await redis.setUp({ load, ports });
  let next = 0;
  const work = isLossy ? handleLosing : handle;
  const serve = async (until) => {
    while (next < until) {
      const id = String(next++);
      await request.createContext({ id }).run(() => work(id, { pool: parts.pool, client }));
    }
  };
  const all = (until) => Promise.all(Array.from({ length: AT_A_TIME }, () => serve(until)));
  await all(REQUESTS / 2);
  const before = process.cpuUsage();
  await all(REQUESTS + REQUESTS / 2);
  const { user, system } = process.cpuUsage(before);
  await Promise.all([stopPg(), stopRedis()]);
  return (user + system) / REQUESTS;
}

main().then(
  (time) => process.send({ results: time }, () => process.exit()),
  (error) => process.send({ error: error.stack }, () => process.exit(1)),
);
