'use strict';

/** The application: it takes orders. Nothing here receives a request id; logger and tracer know it all the same. */

const fs = require('node:fs');
const { setTimeout: delay } = require('node:timers/promises');

const { log } = require('./logger');
const { nameTransaction, span } = require('./tracer');

/** Reads a JSON body as it comes in. */
function readJson(request, callback) {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => callback(JSON.parse(text)));
}

function reserve(number, callback) {
  process.nextTick(() => {
    log(`order ${number}: reserved`);
    setImmediate(callback);
  });
}

async function placeOrder({ number, items }, pool) {
  nameTransaction('POST /orders');
  log(`order ${number}: received`);
  await delay(number % 5);
  const total = await span('price', () => pool.total(items));
  log(`order ${number}: costs ${total}`);
  await span('stock', async () => {
    const { size } = await fs.promises.stat(__filename);
    log(`order ${number}: stock list of ${size} bytes`);
    await new Promise((resolve) => reserve(number, resolve));
  });
  await Promise.all([
    span('mail', async () => {
      await delay(1);
      log(`order ${number}: mail sent`);
    }),
    new Promise((resolve, reject) => {
      fs.readFile(__filename, (error) => {
        log(`order ${number}: receipt printed`);
        return error ? reject(error) : resolve();
      });
    }),
  ]);
  return { number, total };
}

/**
 * @param {import('./pool').Pool} pool
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void} a listener
 *   for `request` events of an HTTP server, which accepts orders as JSON: `{ number, items: [{ price, count }] }`
 */
function shop(pool) {
  return (request, response) => {
    readJson(request, async (order) => {
      const receipt = await placeOrder(order, pool);
      log(`order ${order.number}: done`);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(receipt));
    });
  };
}

module.exports = { shop };
