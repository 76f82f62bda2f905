'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

/** The id of a request, as its client has given it. */
const idOf = (request) => request.headers['x-id'];

const plain = {
  http: 'http',
  express: 'connect',
  'express-4': 'connect',
  nest: 'connect',
  fastify: 'fastify',
  koa: 'koa',
  hono: 'hono',
};

/** How a server of each kind takes a function `(request, response, next)` that calls `next` in its context. */
const adapters = {
  http: (wrap) => (handler) => (request, response) => wrap(request, response, () => handler(request, response)),
  connect: (wrap) => (app) => app.use((request, response, next) => wrap(request, response, () => next())),
  fastify: (wrap) => (app) => {
    app.addHook('onRequest', (request, reply, next) => wrap(request.raw, reply.raw, () => next()));
  },
  koa: (wrap) => (app) => app.use((ctx, next) => wrap(ctx.req, ctx.res, next)),
  hono: (wrap) => (app) => app.use('*', ({ env }, next) => wrap(env.incoming, env.outgoing, next)),
};

/**
 * What puts a context around each request: `start(framework)` returns what a framework is to be given for it (undefined for
 * nothing), and what tells the id that is active; or nothing at all if it is not made for that framework.
 */
const subjects = {
  instrument: () => {
    const namespace = require('context').createNamespace('frameworks');
    require('context/http').instrument(namespace, { init: (context, request) => context.set('id', idOf(request)) });
    return { install: undefined, idNow: () => namespace.get('id') };
  },

  middleware: (framework) => {
    const namespace = require('context').createNamespace('frameworks');
    const { hono, koa, middleware, plugin } = require('context/http');
    const init = (context, request) => context.set('id', idOf(request));
    const installs = {
      http: (handler) => {
        const wrap = middleware(namespace, { init });
        return (request, response) => wrap(request, response, () => handler(request, response));
      },
      connect: (app) => app.use(middleware(namespace, { init })),
      fastify: (app) => app.register(plugin, { namespace, init }),
      koa: (app) => app.use(koa(namespace, { init })),
      hono: (app) => app.use('*', hono(namespace, { init })),
    };
    return { install: installs[plain[framework]], idNow: () => namespace.get('id') };
  },

  AsyncLocalStorage: (framework) => {
    const storage = new AsyncLocalStorage();
    const wrap = (request, response, next) => storage.run(idOf(request), next);
    return { install: adapters[plain[framework]](wrap), idNow: () => storage.getStore() };
  },

  'cls-rtracer': (framework) => {
    const rtracer = require('cls-rtracer');
    const options = { useHeader: true, headerName: 'x-id' };
    const installs = {
      connect: (app) => app.use(rtracer.expressMiddleware(options)),
      fastify: (app) => app.register(rtracer.fastifyPlugin, options),
      koa: (app) => app.use(rtracer.koaMiddleware(options)),
    };
    const install = installs[plain[framework]];
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

module.exports = { subjects };
