'use strict';

const { subscribe } = require('node:diagnostics_channel');

const { pathOf } = require('../../../util/url-path');

/** Fastify publishes this before a route's handler runs. */
const FASTIFY = 'tracing:fastify.request.handler:start';

/**
 * Gives each request a context with its `method` and `route`: the pattern of its framework if known, or else the path without ids.
 * @param {Namespace} namespace
 * @param {{ instrument: Function, routeOf: Function }} http exports of context/http
 */
function labelRequests(namespace, { instrument, routeOf }) {
  instrument(namespace, {
    init(context, request) {
      context.set('method', request.method);
      context.set('route', pathOf(request.url));
      context.once('end', () => {
        const route = routeOf(request);
        if (route !== undefined) context.set('route', route);
      });
    },
  });
  // So that the handler's samples already have it.
  subscribe(FASTIFY, ({ route }) => {
    if (namespace.isActive() && typeof route?.url === 'string') namespace.set('route', route.url);
  });
}

module.exports = { labelRequests };
