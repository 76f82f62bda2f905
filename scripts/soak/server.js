'use strict';

/**
 * A server whose requests do to their contexts what a collector could trip over: values lead back to the context, promises
 * never settle, intervals are cleared, requests fail or are aborted.
 */

const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const { setImmediate: nextTurn } = require('node:timers/promises');

/** Values from which the context is reached again. */
function reach(context, request, response) {
  const emitter = context.add(new EventEmitter());
  emitter.on('event', () => context);
  const values = {
    context,
    emitter,
    request,
    response,
    socket: request.socket,
    pending: new Promise(() => {}).then(() => context),
    timer: setTimeout(() => context, 2 ** 30),
    interval: setInterval(() => context, 2 ** 30),
    bound: context.bind(() => context),
    bytes: Buffer.alloc(256),
  };
  for (const [key, value] of Object.entries(values)) context.set(key, value);
  context.on('end', () => emitter.emit('event'));
  response.on('close', () => {
    clearTimeout(values.timer);
    clearInterval(values.interval);
  });
}

/**
 * Starts the server.
 *
 * @param {Namespace} trace
 * @param {Namespace} log
 * @param {() => Namespace} passing one that is destroyed in the middle
 * @returns {Promise<http.Server>} it listens. Its paths: /id answers the id that a namespace has, /fail/id too, from an error,
 *   /abort/id begins an answer that never ends
 */
async function startServer(trace, log, passing) {
  const answer = async (context, request, response) => {
    const [kind, id] = request.url.slice(1).split('/');
    context.set('id', id);
    reach(context, request, response);
    let body = '';
    for await (const chunk of request) body += chunk;
    await passing().run(async () => {
      passing().set('id', body);
      await nextTurn();
    });
    if (kind === 'fail') throw new Error('a request that fails');
    if (kind === 'abort') {
      response.write('begun');
      await new Promise(() => {});
    }
    await log.run(() => {
      log.set('line', id);
      return new Promise((resolve) => process.nextTick(resolve));
    });
    response.end(trace.get('id'));
  };
  const server = http.createServer((request, response) => {
    const context = trace.createContext();
    context.add(request);
    context
      .run(() => answer(context, request, response))
      .catch((error) => {
        response.end(trace.fromException(error).get('id'));
      });
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

module.exports = { startServer };
