'use strict';

/** Serves HTTP with a subject, for main.js: awaits ten times, and looks at the id of the request three times. */

const { once } = require('node:events');
const http = require('node:http');

const { answerParent } = require('../measures/parent');
const { subjects } = require('./subjects');

const AWAITS = 10;

async function asyncFunction() {}

async function main(name) {
  const { wrap, idNow } = subjects[name]();
  const handler = async (request, response) => {
    for (let index = 0; index < AWAITS; index++) await asyncFunction();
    const ids = [idNow(), idNow(), idNow()];
    if (ids.some((id) => id === undefined)) throw new Error('the context was lost');
    response.end('ok');
  };
  const server = http.createServer((request, response) => wrap(request, response, () => handler(request, response)));
  answerParent();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send({ port: server.address().port });
}

main(process.argv[2]);
