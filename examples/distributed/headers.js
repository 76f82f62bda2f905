'use strict';

const { ROOT_CONTEXT, context, propagation } = require('@opentelemetry/api');
const { createNamespace } = require('context');

const request = createNamespace('request');

/** What leaves the process. All other values stay. */
const KEYS = ['id', 'tenant'];

/**
 * The way out.
 *
 * @returns {Record<string, string>} headers with the active span, and with the namespace's values as baggage
 */
function outgoing() {
  let baggage = propagation.getActiveBaggage() ?? propagation.createBaggage();
  for (const key of KEYS) {
    const value = request.get(key);
    if (value !== undefined) baggage = baggage.setEntry(key, { value: String(value) });
  }
  const headers = {};
  propagation.inject(propagation.setBaggage(context.active(), baggage), headers);
  return headers;
}

/**
 * The way in: calls a function in a context of the namespace that has the values of the baggage, in the trace of the
 * caller.
 *
 * @template T
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {() => T} callback
 * @returns {T} what the function returns
 */
function incoming(headers, callback) {
  const remote = propagation.extract(ROOT_CONTEXT, headers);
  const baggage = propagation.getBaggage(remote);
  return request.run(() => {
    for (const key of KEYS) {
      const entry = baggage?.getEntry(key);
      if (entry !== undefined) request.set(key, entry.value);
    }
    return context.with(remote, callback);
  });
}

module.exports = { incoming, outgoing, request };
