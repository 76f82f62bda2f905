'use strict';

const { once } = require('node:events');
const { createServer } = require('node:http');

const { answerParent } = require('./parent');

const AWAITS = 50;
const GETS = 10;

async function asyncFunction() {}

/**
 * Serves requests, each in a new context of every namespace, until the parent process disconnects. Each of its messages
 * is answered with the CPU time used so far, in microseconds.
 *
 * @param {() => object} setUp makes the subject, see subjects.js
 * @returns {Promise<{ port: number }>}
 */
async function serve(setUp) {
  const { inside, get } = setUp();
  const handle = async (response) => {
    let found = 0;
    for (let i = 1; i <= AWAITS; i++) {
      await asyncFunction();
      if (get && i % (AWAITS / GETS) === 0) found += get();
    }
    if (get && found !== GETS) throw new Error(`the context was lost: ${found} of ${GETS} values were found`);
    response.end('ok');
  };
  const server = createServer((request, response) => {
    inside(() => handle(response));
  });
  answerParent();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port };
}

module.exports = { serve };
