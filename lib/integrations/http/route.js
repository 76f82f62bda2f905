'use strict';

/** The route of a request: what its framework has told. Express leaves it on the request; the others are noted here. */

const { subscribe } = require('node:diagnostics_channel');

const { makeHiddenField } = require('../../util/hidden-field');
const { expressRouteOf } = require('./express-route');

/** Fastify publishes this before a route's handler runs. */
const FASTIFY = 'tracing:fastify.request.handler:start';

/** Reads the pattern from a framework's object for a request. */
const readers = {
  __proto__: null,
  fastify: (request) => (request.routeOptions ?? request.context?.config)?.url,
  // Set by @koa/router.
  koa: (ctx) => ctx._matchedRoute,
  hono: ({ req }) => (req.routePath === '*' || req.routePath === '/*' ? undefined : req.routePath),
};

/** A framework's object for a request. */
class Told {
  constructor(framework, source) {
    this.framework = framework;
    this.source = source;
  }
}

Object.setPrototypeOf(Told.prototype, null);

/** By the request of Node.js: a Told. */
const told = makeHiddenField();

/**
 * Notes the object in which a framework keeps the route of a request, which it may not know yet.
 * @param {IncomingMessage} request
 * @param {'fastify' | 'koa' | 'hono'} framework
 * @param {object} source
 */
function noteRoute(request, framework, source) {
  const known = told.get(request);
  if (known === undefined) {
    told.set(request, new Told(framework, source));
  } else {
    known.framework = framework;
    known.source = source;
  }
}

const isObject = (value) => typeof value === 'object' && value !== null;

function onFastify(message) {
  const { request } = message ?? {};
  if (isObject(request?.raw)) noteRoute(request.raw, 'fastify', request);
}

let listens = false;

/** From now on, notes the requests of all Fastify instances. */
function listenForRoutes() {
  if (listens) return;
  listens = true;
  subscribe(FASTIFY, onFastify);
}

/**
 * Returns the route that a request was handled by.
 * @param {object} request of Node.js
 * @returns {string | undefined} the pattern, such as `/users/:id`; undefined if no framework has told one
 */
function routeOf(request) {
  if (!isObject(request)) return undefined;
  try {
    const known = told.get(request);
    const route = known === undefined ? expressRouteOf(request) : readers[known.framework](known.source);
    return typeof route === 'string' && route !== '' ? route : undefined;
  } catch {
    // A getter or proxy threw.
    return undefined;
  }
}

module.exports = { listenForRoutes, noteRoute, routeOf };
