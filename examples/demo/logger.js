'use strict';

/** A logger that stamps each line with the id of the request that is being served, whatever code writes it. */

const { createNamespace } = require('context');

const namespace = createNamespace('logger');

/**
 * Wraps a listener for `request` events of an HTTP server, so that `log` knows the request.
 *
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void} listener
 * @param {(line: { requestId: string, text: string }) => void} write
 * @returns {typeof listener}
 */
function logged(listener, write) {
  return (request, response) => {
    namespace.run(() => {
      namespace.set('requestId', request.headers['x-request-id']);
      namespace.set('write', write);
      namespace.active.add(request);
      listener(request, response);
    });
  };
}

/** Writes a line. */
function log(text) {
  namespace.get('write')({ requestId: namespace.get('requestId'), text });
}

module.exports = { log, logged };
