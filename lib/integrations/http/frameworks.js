'use strict';

const { withCode } = require('../../util/errors');
const { noteRoute } = require('./route');
const { Service } = require('./serve');

/** The unit of a request and its response. */
const unitOf = (request, response) => ({ key: request, request, emitters: [request, response], target: response });

/**
 * Creates a middleware for Connect, Express, NestJS and everything else that calls `(request, response, next)`.
 * @param {Namespace} namespace
 * @param {object} [options] see checkOptions
 * @returns {(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function middleware(namespace, options) {
  const service = new Service(namespace, options);
  return function context(request, response, next) {
    service.serve(unitOf(request, response), () => next());
  };
}

/**
 * A Fastify plugin: `fastify.register(plugin, { namespace, ...options })`. Applies to the instance that it is registered on.
 * @param {FastifyInstance} fastify
 * @param {object} options `namespace` and those of checkOptions
 * @param {(error?: Error) => void} done
 */
function plugin(fastify, { namespace, ...options }, done) {
  const service = new Service(namespace, options);
  fastify.addHook('onRequest', (request, reply, next) => {
    noteRoute(request.raw, 'fastify', request);
    service.serve(unitOf(request.raw, reply.raw), () => next());
  });
  done();
}

// What fastify-plugin sets: without it, Fastify limits hooks to the plugin's own scope.
plugin[Symbol.for('skip-override')] = true;
plugin[Symbol.for('fastify.display-name')] = 'context';
plugin[Symbol.for('plugin-meta')] = { name: 'context', fastify: '>=4' };

/**
 * Koa sends a stream after all middleware is done: binds its `read` to the current context, in which the chunks are then made.
 */
function bindReading(namespace, body) {
  if (typeof body?.read !== 'function' || typeof body.pipe !== 'function') return;
  const value = namespace.bind(body.read);
  Reflect.defineProperty(body, 'read', { __proto__: null, value, configurable: true, writable: true });
}

/**
 * Creates a middleware for Koa.
 * @param {Namespace} namespace
 * @param {object} [options] see checkOptions
 * @returns {(ctx: object, next: () => Promise<void>) => Promise<void>}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function koa(namespace, options) {
  const service = new Service(namespace, options);
  return function context(ctx, next) {
    noteRoute(ctx.req, 'koa', ctx);
    return service.serve(unitOf(ctx.req, ctx.res), async () => {
      await next();
      bindReading(namespace, ctx.body);
    });
  };
}

/** The error for a Hono server without Node.js requests. */
function otherServer() {
  return withCode(
    new Error(
      'hono of context/http needs @hono/node-server. This request comes from another server, such as Bun.serve or Deno.serve, ' +
        'without a Node.js response to wait for. Use @hono/node-server, or the middleware (c, next) => namespace.run(next), ' +
        'whose context ends when the handler is done.',
    ),
    'ERR_CONTEXT_RUNTIME',
  );
}

/**
 * Creates a middleware for Hono on `@hono/node-server`. It throws an error with code ERR_CONTEXT_RUNTIME on other servers.
 * @param {Namespace} namespace
 * @param {object} [options] see checkOptions
 * @returns {(c: object, next: () => Promise<void>) => Promise<void>}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function hono(namespace, options) {
  const service = new Service(namespace, options);
  return function context(c, next) {
    const { incoming, outgoing } = c.env ?? {};
    if (incoming === undefined || outgoing === undefined) throw otherServer();
    noteRoute(incoming, 'hono', c);
    return service.serve(unitOf(incoming, outgoing), next);
  };
}

module.exports = { hono, koa, middleware, plugin };
