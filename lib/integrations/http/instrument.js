'use strict';

const http = require('node:http');
const https = require('node:https');

const { SafeSet, SafeWeakSet } = require('../../util/primordials');
const { Service } = require('./serve');

const { apply } = Reflect;

/** What serves requests now, the first one outermost. */
const instrumentations = new SafeSet();

/** One call of `instrument`. */
class Instrumentation {
  /** The requests that have their context already: a handler of `checkContinue` emits `request` for the same one. */
  #served = new SafeWeakSet();

  #service;

  constructor(service) {
    this.#service = service;
  }

  serve({ request, emitters, target, mayComeAgain }, next) {
    if (mayComeAgain) {
      if (this.#served.has(request)) return next();
      this.#served.add(request);
    }
    return this.#service.serve(request, emitters, target, next);
  }
}

function exchange(request, response) {
  return { request, emitters: [request, response], target: response, mayComeAgain: request.headers.expect !== undefined };
}

const tunnel = (request, socket) => ({ request, emitters: [request, socket], target: socket, mayComeAgain: false });

/** A stream of HTTP/2 that no compatibility request stands for: what init and filter get has the names of one. */
function streamOf(server, stream, headers) {
  if (server.listenerCount('request') > 0) return undefined;
  const request = { headers, method: headers[':method'], url: headers[':path'], stream };
  return { request, emitters: [stream], target: stream, mayComeAgain: false };
}

/** By the events of a server that begin a unit of work, what belongs to it. */
const beginnings = {
  __proto__: null,
  request: (server, request, response) => exchange(request, response),
  checkContinue: (server, request, response) => exchange(request, response),
  checkExpectation: (server, request, response) => exchange(request, response),
  upgrade: (server, request, socket) => tunnel(request, socket),
  connect: (server, request, socket) => tunnel(request, socket),
  stream: streamOf,
};

/** Calls a function in the context of each instrumentation. */
function serveInAll(unit, next) {
  let serve = next;
  instrumentations.forEach((instrumentation) => {
    const inner = serve;
    serve = () => instrumentation.serve(unit, inner);
  });
  return serve();
}

/** Replaces `emit` of a class of servers, once for all instrumentations. */
function patch(prototype) {
  const { emit } = prototype;
  function emitInContexts(event, ...args) {
    const begin = instrumentations.size > 0 && typeof event === 'string' ? beginnings[event] : undefined;
    const unit = begin?.(this, ...args);
    if (unit === undefined) return apply(emit, this, [event, ...args]);
    return serveInAll(unit, () => apply(emit, this, [event, ...args]));
  }
  Object.defineProperty(prototype, 'emit', { __proto__: null, value: emitInContexts, configurable: true, writable: true });
}

/** The prototypes of servers of HTTP/2, whose classes are not exported; none in a Node.js without TLS. */
function http2Prototypes() {
  try {
    const { createSecureServer, createServer } = require('node:http2');
    return [createServer(), createSecureServer()].map(Object.getPrototypeOf);
  } catch {
    return [];
  }
}

let isPatched = false;

/**
 * From here on every request that a server of this process gets has a context of its own: in its handlers, in all that they
 * start, and in the listeners of the request and the response. The context ends when the response has closed, or the socket of
 * an upgrade or of CONNECT.
 *
 * @param {Namespace} namespace
 * @param {object} [options] see Service
 * @returns {{ disable: () => void }} `disable` leaves further requests alone
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function instrument(namespace, options) {
  const instrumentation = new Instrumentation(new Service(namespace, options));
  if (!isPatched) {
    isPatched = true;
    for (const prototype of [http.Server.prototype, https.Server.prototype, ...http2Prototypes()]) patch(prototype);
  }
  instrumentations.add(instrumentation);
  return { disable: () => void instrumentations.delete(instrumentation) };
}

module.exports = { instrument };
