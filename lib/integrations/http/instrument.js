'use strict';

const http = require('node:http');
const https = require('node:https');

const { covered } = require('../../util/covered');
const { Service } = require('./serve');

const { apply } = Reflect;

/** The services of the active instrumentations: the latest is first, and serves outermost. Replaced at each change. */
let services = [];

const isObject = (value) => typeof value === 'object' && value !== null;
const isRequest = (value) => isObject(value) && isObject(value.headers);
const isEmitter = (value) => isObject(value) && typeof value.once === 'function' && typeof value.emit === 'function';

/** The objects of a request; undefined if a handler was called with foreign objects. */
function unitOf(request, emitter) {
  if (!isRequest(request) || !isEmitter(emitter)) return undefined;
  return { key: request, request, emitters: isEmitter(request) ? [request, emitter] : [emitter], target: emitter };
}

/** An HTTP/2 stream without a compatibility request. `init` and `filter` get an object with the properties of a request. */
function streamOf(server, stream, headers) {
  if (server.listenerCount('request') > 0 || !isEmitter(stream) || !isObject(headers)) return undefined;
  const request = { headers, method: headers[':method'], url: headers[':path'], stream };
  return { key: stream, request, emitters: [stream], target: stream };
}

/** By server event that begins a unit of work: finds its objects. */
const beginnings = {
  __proto__: null,
  request: (server, request, response) => unitOf(request, response),
  checkContinue: (server, request, response) => unitOf(request, response),
  checkExpectation: (server, request, response) => unitOf(request, response),
  upgrade: (server, request, socket) => unitOf(request, socket),
  connect: (server, request, socket) => unitOf(request, socket),
  stream: streamOf,
};

/** Serves a request in some of the services, from the one with an index on. */
function serveInAll(list, index, unit, next) {
  if (index === list.length - 1) return list[index].serve(unit, next);
  return list[index].serve(unit, () => serveInAll(list, index + 1, unit, next));
}

/** An event to test whether servers are patched. */
const PROBE = Symbol('context.http');

let isProbed = false;

/** Whether events of a server class reach our `emit`. Others may have replaced it, or restored an older one. */
function isPatched(prototype) {
  isProbed = false;
  try {
    Object.create(prototype).emit(PROBE);
  } catch {
    // A foreign `emit` rejects this event. Patching twice is harmless.
  }
  return isProbed;
}

/** Replaces `emit` of a server class, once for all services. */
function patch(prototype) {
  const emitNow = covered(prototype, 'emit');
  function emitInContexts(...args) {
    const event = args[0];
    if (event === PROBE) return (isProbed = true);
    const begin = services.length > 0 && typeof event === 'string' ? beginnings[event] : undefined;
    const unit = begin?.(this, args[1], args[2]);
    if (unit === undefined) return apply(emitNow(), this, args);
    return serveInAll(services, 0, unit, () => apply(emitNow(), this, args));
  }
  Object.defineProperty(prototype, 'emit', { __proto__: null, value: emitInContexts, configurable: true, writable: true });
}

/** The prototypes of HTTP/2 servers, whose classes are not exported; none if Node.js lacks TLS. */
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
 * Runs each request that a server of this process receives in its own context: its handlers, everything they start, and the
 * listeners of the request and response. The context ends when the response closes, or the socket of an upgrade or CONNECT
 * request.
 * @param {Namespace} namespace
 * @param {object} [options] see checkOptions
 * @returns {{ disable: () => void }} `disable` ignores further requests
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function instrument(namespace, options) {
  const service = new Service(namespace, options);
  prototypes ??= [http.Server.prototype, https.Server.prototype, ...http2Prototypes()];
  for (const prototype of prototypes) {
    if (!isPatched(prototype)) patch(prototype);
  }
  services = [service, ...services];
  return { disable: () => void (services = services.filter((other) => other !== service)) };
}

module.exports = { instrument };
