'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

/** The id of a request, as its client has given it. */
const idOf = (request) => request.headers['x-id'];

/** How applications of a framework are given a middleware; Express and Nest as Connect. */
const kindOf = (framework) => (['http', 'fastify', 'koa', 'hono'].includes(framework) ? framework : 'connect');

/** How a server of each kind is given a function `(request, response, next)` that calls `next` in its context. */
const adapters = {
  http: (wrap) => (handler) => (request, response) => wrap(request, response, () => handler(request, response)),
  connect: (wrap) => (app) => app.use((request, response, next) => wrap(request, response, () => next())),
  fastify: (wrap) => (app) => {
    app.addHook('onRequest', (request, reply, next) => wrap(request.raw, reply.raw, () => next()));
  },
  koa: (wrap) => (app) => app.use((ctx, next) => wrap(ctx.req, ctx.res, next)),
  hono: (wrap) => (app) => app.use('*', ({ env }, next) => wrap(env.incoming, env.outgoing, next)),
};

/** What gives the requests of a framework contexts of a namespace by the middleware that it has in `context/http`. */
function installOf(framework, namespace, options) {
  const { hono, koa, middleware, plugin } = require('context/http');
  const installs = {
    http: () => adapters.http(middleware(namespace, options)),
    connect: () => (app) => app.use(middleware(namespace, options)),
    fastify: () => (app) => app.register(plugin, { namespace, ...options }),
    koa: () => (app) => app.use(koa(namespace, options)),
    hono: () => (app) => app.use('*', hono(namespace, options)),
  };
  return installs[kindOf(framework)]();
}

/**
 * What puts a context around each request: a function of the framework's name that returns what the framework is given for it
 * (`install`, undefined for nothing) and what returns the id that is active, or undefined if the framework is not supported.
 */
const subjects = {
  instrument: () => {
    const namespace = require('context').createNamespace('frameworks');
    require('context/http').instrument(namespace, { init: (context, request) => context.set('id', idOf(request)) });
    return { install: undefined, idNow: () => namespace.get('id') };
  },

  middleware: (framework) => {
    const namespace = require('context').createNamespace('frameworks');
    const init = (context, request) => context.set('id', idOf(request));
    return { install: installOf(framework, namespace, { init }), idNow: () => namespace.get('id') };
  },

  AsyncLocalStorage: (framework) => {
    const storage = new AsyncLocalStorage();
    const wrap = (request, response, next) => storage.run(idOf(request), next);
    return { install: adapters[kindOf(framework)](wrap), idNow: () => storage.getStore() };
  },

  'cls-rtracer': (framework) => {
    const rtracer = require('cls-rtracer');
    const options = { useHeader: true, headerName: 'x-id' };
    const installs = {
      connect: (app) => app.use(rtracer.expressMiddleware(options)),
      fastify: (app) => app.register(rtracer.fastifyPlugin, options),
      koa: (app) => app.use(rtracer.koaMiddleware(options)),
    };
    const install = installs[kindOf(framework)];
    return install && { install, idNow: () => rtracer.id() };
  },

  '@fastify/request-context': (framework) => {
    if (framework !== 'fastify') return undefined;
    const { fastifyRequestContext, requestContext } = require('@fastify/request-context');
    const install = async (app) => {
      await app.register(fastifyRequestContext);
      app.addHook('onRequest', async (request) => requestContext.set('id', idOf(request)));
    };
    return { install, idNow: () => requestContext.get('id') };
  },
};

module.exports = { installOf, subjects };
