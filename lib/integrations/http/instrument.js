'use strict';

const http = require('node:http');
const https = require('node:https');

const { covered } = require('../../util/covered');
const { makeHiddenField } = require('../../util/hidden-field');
const { SafeSet } = require('../../util/primordials');
const { Service } = require('./serve');

const { apply } = Reflect;

/** What serves requests now, the first one outermost. */
const instrumentations = new SafeSet();

/** One call of `instrument`. */
class Instrumentation {
  /** By it a request has its context: it comes again from a handler of `checkContinue`, or if a server hands it on. A stream, too. */
  #contexts = makeHiddenField();

  #service;

  constructor(service) {
    this.#service = service;
  }

  serve({ key, request, emitters, target }, next) {
    const known = this.#contexts.get(key);
    if (known !== undefined) return known.run(() => next());
    const context = this.#service.begin(request, target);
    if (context === undefined) return next();
    this.#contexts.set(key, context);
    return this.#service.enter(context, emitters, next);
  }
}

const isObject = (value) => typeof value === 'object' && value !== null;
const isRequest = (value) => isObject(value) && isObject(value.headers);
const isEmitter = (value) => isObject(value) && typeof value.once === 'function' && typeof value.emit === 'function';

/** What belongs to a request. Handlers may be driven by others than Node.js, with objects of their own: those are left alone. */
function unitOf(request, emitter) {
  if (!isRequest(request) || !isEmitter(emitter)) return undefined;
  return { key: request, request, emitters: isEmitter(request) ? [request, emitter] : [emitter], target: emitter };
}

/** A stream of HTTP/2 that no compatibility request stands for: what init and filter get has the names of one. */
function streamOf(server, stream, headers) {
  if (server.listenerCount('request') > 0 || !isEmitter(stream) || !isObject(headers)) return undefined;
  const request = { headers, method: headers[':method'], url: headers[':path'], stream };
  return { key: stream, request, emitters: [stream], target: stream };
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

/** The event that asks whether it gets here. */
const PROBE = Symbol('context.http');

let isProbed = false;

/** Whether what servers of a class emit gets here, also if others have replaced `emit` meanwhile: they may have put back an older one. */
function isPatched(prototype) {
  isProbed = false;
  try {
    Object.create(prototype).emit(PROBE);
  } catch {
    // Others may take no event of this kind. To be patched twice does no harm.
  }
  return isProbed;
}

/** Replaces `emit` of a class of servers, once for all instrumentations. */
function patch(prototype) {
  const emitNow = covered(prototype, 'emit');
  function emitInContexts(event, ...args) {
    if (event === PROBE) return (isProbed = true);
    const begin = instrumentations.size > 0 && typeof event === 'string' ? beginnings[event] : undefined;
    const unit = begin?.(this, ...args);
    if (unit === undefined) return apply(emitNow(), this, [event, ...args]);
    return serveInAll(unit, () => apply(emitNow(), this, [event, ...args]));
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

let prototypes;

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
  prototypes ??= [http.Server.prototype, https.Server.prototype, ...http2Prototypes()];
  for (const prototype of prototypes) {
    if (!isPatched(prototype)) patch(prototype);
  }
  instrumentations.add(instrumentation);
  return { disable: () => void instrumentations.delete(instrumentation) };
}

module.exports = { instrument };
