'use strict';

/** Servers in a child process, which load.js sends requests from the parent process. */

const { once } = require('node:events');
const http = require('node:http');

const AWAITS = 50;
const GETS = 10;

async function asyncFunction() {}

/** Has a server listen, and answer each message of the parent with the CPU time so far, in microseconds. The process ends with the parent's. */
async function listen(server) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpu: user + system });
  });
  process.on('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port };
}

/** Serves requests with `node:http`, each in a new context of every namespace. The subject is made by `setUp`, see subjects.js. */
async function serveHttp(setUp) {
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
  return listen(http.createServer((request, response) => inside(() => handle(response))));
}

/**
 * Serves requests with Fastify, each in a new context. For each of them pino writes two lines, with the value of the context on them, to a
 * stream that drops them.
 */
async function serveFastify(setUp) {
  const { LogController, fastify } = require('fastify');
  const { inside, get } = setUp();
  const written = { lines: 0, right: 0 };
  const stream = {
    write(line) {
      written.lines++;
      if (line.includes('"user":1,')) written.right++;
    },
  };
  // Silent until it listens: the line about that is written in no context.
  const logger = require('pino')({ mixin: () => ({ user: get?.() }), level: 'silent' }, stream);
  const app = fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) });
  app.addHook('onRequest', (request, reply, done) => void inside(done));
  app.get('/', async (request) => {
    request.log.info('received');
    for (let i = 0; i < 3; i++) await null;
    request.log.info('answered');
    if (get && written.right !== written.lines) throw new Error('a line has lost the value of its context');
    return 'ok';
  });
  await app.ready();
  const result = await listen(app.server);
  logger.level = 'info';
  return result;
}

module.exports = { listen, serveFastify, serveHttp };
