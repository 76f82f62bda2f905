'use strict';

const { subscribe } = require('node:diagnostics_channel');

const { expressRouteOf } = require('./express');

/** Segments of a path that are unique to a request: numbers, UUIDs and long hexadecimal numbers. */
const ID = /^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})$/i;

/** Fastify publishes this before a route's handler runs. */
const FASTIFY = 'tracing:fastify.request.handler:start';

/** The maximum length of a path. */
const MOST_CHARACTERS = 100;

/** Converts a URL to a path without ids. */
function pathOf(url) {
  const [path] = String(url).split('?', 1);
  return path
    .slice(0, MOST_CHARACTERS)
    .split('/')
    .map((part) => (ID.test(part) ? ':id' : part))
    .join('/');
}

/**
 * Gives each request a context with its `method` and `route`: the route pattern on Express and Fastify, otherwise the path.
 * @param {Namespace} namespace
 * @param {(namespace: Namespace, options: object) => object} instrument of context/http
 */
function labelRequests(namespace, instrument) {
  instrument(namespace, {
    init(context, request) {
      context.set('method', request.method);
      context.set('route', pathOf(request.url));
      context.once('end', () => {
        const route = expressRouteOf(request, pathOf);
        if (route !== undefined) context.set('route', route);
      });
    },
  });
  subscribe(FASTIFY, ({ route }) => {
    if (namespace.isActive() && typeof route?.url === 'string') namespace.set('route', route.url);
  });
}

module.exports = { labelRequests, pathOf };
