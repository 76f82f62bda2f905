'use strict';

const { LogController, fastify } = require('fastify');
const pino = require('pino');

const { answerParent } = require('./parent');

/**
 * Serves requests with Fastify, each in a new context, until the parent process disconnects. For each of them pino writes two lines,
 * with the value of the context on them, to a stream that drops them.
 *
 * @param {() => object} setUp makes the subject, see subjects.js
 * @returns {Promise<{ port: number }>}
 */
async function serve(setUp) {
  const { inside, get } = setUp();
  const written = { lines: 0, right: 0 };
  const stream = {
    write(line) {
      written.lines++;
      if (line.includes('"user":1,')) written.right++;
    },
  };
  const mixin = () => ({ user: get?.() });
  // Silent until it listens, as it says so in no context.
  const logger = pino({ mixin, level: 'silent' }, stream);
  const server = fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) });
  server.addHook('onRequest', (request, reply, done) => void inside(done));
  server.get('/', async (request) => {
    request.log.info('received');
    await null;
    await null;
    await null;
    request.log.info('answered');
    if (get && written.right !== written.lines) throw new Error('a line has lost the value of its context');
    return 'ok';
  });
  answerParent();
  await server.listen({ port: 0, host: '127.0.0.1' });
  logger.level = 'info';
  return { port: server.server.address().port };
}

module.exports = { serve };
