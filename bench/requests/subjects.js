'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { randomUUID } = require('node:crypto');

/**
 * What gives each request an id that all of its code can look up: `wrap(request, response, next)` calls `next` where `idNow()` tells
 * it. The first one gives it none, the second one hands it nowhere: that is what making it costs.
 */
const subjects = {
  nothing: () => ({ wrap: (request, response, next) => next(), idNow: () => '' }),

  'an id alone': () => ({
    wrap: (request, response, next) => {
      request.id = randomUUID();
      return next();
    },
    idNow: () => '',
  }),

  'AsyncLocalStorage in a middleware': () => {
    const storage = new AsyncLocalStorage();
    const wrap = (request, response, next) => storage.run(new Map([['id', randomUUID()]]), next);
    return { wrap, idNow: () => storage.getStore().get('id') };
  },

  'cls-rtracer': () => {
    const rtracer = require('cls-rtracer');
    return { wrap: rtracer.expressMiddleware(), idNow: () => rtracer.id() };
  },

  middleware: () => {
    const namespace = require('context').createNamespace('requests');
    return { wrap: require('context/http').middleware(namespace), idNow: () => namespace.get('id') };
  },

  instrument: () => {
    const namespace = require('context').createNamespace('requests');
    require('context/http').instrument(namespace);
    return { wrap: (request, response, next) => next(), idNow: () => namespace.get('id') };
  },
};

module.exports = { subjects };
