'use strict';

/** Servers in a child process, for load.js in the parent. */

const { once } = require('node:events');
const http = require('node:http');

const AWAITS = 50;
const GETS = 10;

async function asyncFunction() {}

/** Starts a server, and answers messages of the parent with the CPU time in microseconds. The process ends with its parent. */
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

/** Serves requests with `node:http`, each in a new context of every namespace. `setUp` creates the subject, see subjects.js. */
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
 * Serves requests with Fastify, each in a new context. pino writes two lines per request, with a value of the context, to a stream that
 * discards them.
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
  // Silent until it listens, which is logged outside any context.
  const logger = require('pino')({ mixin: () => ({ user: get?.() }), level: 'silent' }, stream);
  const app = fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) });
  app.addHook('onRequest', (request, reply, done) => void inside(done));
  app.get('/', async (request) => {
    request.log.info('received');
    for (let i = 0; i < 3; i++) await null;
    request.log.info('answered');
    if (get && written.right !== written.lines) throw new Error('a line lacks the value of its context');
    return 'ok';
  });
  await app.ready();
  const result = await listen(app.server);
  logger.level = 'info';
  return result;
}

module.exports = { listen, serveFastify, serveHttp };
