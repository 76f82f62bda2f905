'use strict';

const { subscribe } = require('node:diagnostics_channel');

const { expressRouteOf } = require('./express');

/** The parts of a path that are different for each request: numbers, UUIDs and long hexadecimal ones. */
const ID = /^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})$/i;

/** Published by Fastify when the handler of a route begins. */
const FASTIFY = 'tracing:fastify.request.handler:start';

/** How long a path may be. */
const MOST_CHARACTERS = 100;

/** A path without what no two requests have in common. */
function pathOf(url) {
  const [path] = String(url).split('?', 1);
  return path
    .slice(0, MOST_CHARACTERS)
    .split('/')
    .map((part) => (ID.test(part) ? ':id' : part))
    .join('/');
}

/**
 * From here on each request has a context with its `method` and its `route`: the pattern if the framework tells it, which Express and
 * Fastify do, else the path.
 *
 * @param {Namespace} namespace whose contexts they are
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
