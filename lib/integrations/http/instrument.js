'use strict';

const http = require('node:http');
const https = require('node:https');

const { makeMark } = require('../../util/mark');
const { SafeSet } = require('../../util/primordials');
const { Service } = require('./serve');

const { apply } = Reflect;

/** What serves requests now, the first one outermost. */
const instrumentations = new SafeSet();

/** One call of `instrument`. */
class Instrumentation {
  /** By it a request has its context: it comes again from a handler of `checkContinue`, or if a server hands it on. */
  #mark = makeMark();

  #service;

  constructor(service) {
    this.#service = service;
  }

  serve({ request, emitters, target }, next) {
    const known = this.#mark.get(request);
    if (known !== undefined) return known.run(() => next());
    const context = this.#service.begin(request, target);
    if (context === undefined) return next();
    this.#mark.set(request, context);
    return this.#service.enter(context, emitters, next);
  }
}

const isObject = (value) => typeof value === 'object' && value !== null;
const isRequest = (value) => isObject(value) && isObject(value.headers);
const isEmitter = (value) => isObject(value) && typeof value.once === 'function' && typeof value.emit === 'function';

/** What belongs to a request. Handlers may be driven by others than Node.js, with objects of their own: those are left alone. */
function unitOf(request, emitter) {
  if (!isRequest(request) || !isEmitter(emitter)) return undefined;
  return { request, emitters: isEmitter(request) ? [request, emitter] : [emitter], target: emitter };
}

/** A stream of HTTP/2 that no compatibility request stands for: what init and filter get has the names of one. */
function streamOf(server, stream, headers) {
  if (server.listenerCount('request') > 0 || !isEmitter(stream) || !isObject(headers)) return undefined;
  const request = { headers, method: headers[':method'], url: headers[':path'], stream };
  return { request, emitters: [stream], target: stream };
}

/** By the events of a server that begin a unit of work, what belongs to it. */
const beginnings = {
  __proto__: null,
  request: (server, request, response) => unitOf(request, response),
  checkContinue: (server, request, response) => unitOf(request, response),
  checkExpectation: (server, request, response) => unitOf(request, response),
  upgrade: (server, request, socket) => unitOf(request, socket),
  connect: (server, request, socket) => unitOf(request, socket),
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
