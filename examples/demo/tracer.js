'use strict';

/** A small APM agent: it collects a transaction for each request, and knows in any code which one is running. */

const { performance } = require('node:perf_hooks');

const { createNamespace } = require('context');

const namespace = createNamespace('tracer');

/**
 * Wraps a listener for `request` events of an HTTP server: each request is a transaction, which is reported once the response
 * was sent.
 *
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void} listener
 * @param {(transaction: { id: string, name: string, milliseconds: number, spans: string[] }) => void} report
 * @returns {typeof listener}
 */
function traced(listener, report) {
  return (request, response) => {
    const context = namespace.createContext();
    const started = performance.now();
    context.set('id', request.headers['x-request-id']);
    context.set('spans', []);
    // The body's events come from the parser of a socket that serves other requests too.
    context.add(request);
    context.add(response);
    context.once('end', () => {
      const { id, name, spans } = context.bag;
      report({ id, name, milliseconds: performance.now() - started, spans });
    });
    // The transaction ends with the promise: when the response has been sent.
    context.run(async () => {
      const sent = new Promise((resolve) => response.once('close', resolve));
      listener(request, response);
      await sent;
    });
  };
}

/** Gives the running transaction a name. */
function nameTransaction(name) {
  namespace.set('name', name);
}

/**
 * Runs a part of the transaction: in a context of its own, within the transaction's.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} part
 * @returns {Promise<T>}
 */
function span(name, part) {
  return namespace.run(async () => {
    namespace.set('span', name);
    try {
      return await part();
    } finally {
      namespace.get('spans').push(`${namespace.get('span')} of ${namespace.get('id')}`);
    }
  });
}

module.exports = { nameTransaction, span, traced };
