import type { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';

import type { AnyValues, Context, Namespace } from '../../../index.js';

/**
 * A request, as passed to `init` and `filter` of `instrument`: an IncomingMessage, an Http2ServerRequest, or for an HTTP/2
 * stream an object with only these properties.
 */
export interface RequestLike {
  readonly headers: IncomingHttpHeaders;
  readonly method?: string;
  readonly url?: string;

  /** The stream of an HTTP/2 request. */
  readonly stream?: ServerHttp2Stream;
}

/**
 * A response, as passed to `init` of `instrument`: a ServerResponse or Http2ServerResponse; for an HTTP/2 stream the stream, for
 * an upgrade or CONNECT request the socket.
 */
export interface ResponseLike extends EventEmitter {
  readonly headersSent?: boolean;
  readonly statusCode?: number;
  readonly writableFinished?: boolean;
}

/** The keys of values that may be strings. */
type StringKey<Values extends object> = { [K in keyof Values]-?: string extends Values[K] ? K : never }[keyof Values];

/** `Request` and `Response` are the types that the servers work with. */
export interface RequestOptions<
  Values extends object = AnyValues,
  Request extends RequestLike = RequestLike,
  Response extends EventEmitter = ResponseLike,
> {
  /**
   * Sets initial values of a request's context, instead of the id. If it throws, or returns a promise that is rejected, the
   * request is served anyway.
   */
  init?(context: Context<Values>, request: Request, response: Response): unknown;

  /** Whether a request gets a context. By default, all do. */
  filter?(request: Request): boolean;

  /** The key of a request's id; `id` by default. Its values must be strings. */
  key?: StringKey<Values>;

  /**
   * The header that may contain a request's id: 1 to 128 printable ASCII characters; otherwise a new UUID is used. Ignored if
   * there is an `init`.
   */
  header?: string;

  /**
   * Sets the id as a header of the response, unless the application sets that header: the header of this name; with true, the
   * one that `header` names, or `x-request-id`.
   */
  echo?: boolean | string;

  /** After so many milliseconds the signal of a request's context aborts with a TimeoutError. The request itself goes on. */
  timeout?: number;
}

/**
 * From now on, runs each request that a server of this process receives in its own context: its handlers, everything they
 * start, and the listeners of the request and response. The context ends when the response closes, or the socket of an upgrade
 * or CONNECT request.
 */
export function instrument<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values>,
): { disable(): void };

/** Creates a middleware for Connect, Express, NestJS and everything else that calls `(request, response, next)`. */
export function middleware<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values, IncomingMessage, ServerResponse>,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** A Fastify plugin: `fastify.register(plugin, { namespace })`. */
export function plugin(
  fastify: { addHook(name: 'onRequest', hook: (...args: any[]) => void): unknown },
  options: RequestOptions<any, IncomingMessage, ServerResponse> & { namespace: Namespace<any> },
  done: (error?: Error) => void,
): void;

/** Creates a middleware for Koa. */
export function koa<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values, IncomingMessage, ServerResponse>,
): (ctx: { req: IncomingMessage; res: ServerResponse }, next: () => Promise<any>) => Promise<any>;

/** Creates a middleware for Hono on Node.js. */
export function hono<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values, IncomingMessage, ServerResponse>,
): (c: any, next: () => Promise<void>) => Promise<void>;

/**
 * The route that a request was handled by, such as `/users/:id`: what Express or Fastify has told of it, or Koa or Hono with the
 * middleware for them. Undefined if no framework has told one (yet).
 */
export function routeOf(request: RequestLike): string | undefined;
