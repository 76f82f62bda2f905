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

/** `Request` is the type of request that the servers receive. */
export interface RequestOptions<Values extends object = AnyValues, Request extends RequestLike = RequestLike> {
  /** Sets initial values of a request's context, instead of `id`. If it throws or rejects, the request is served anyway. */
  init?(context: Context<Values>, request: Request): void;

  /** Whether a request gets a context. By default, all do. */
  filter?(request: Request): boolean;

  /**
   * The header that may contain a request's `id`: 1 to 128 printable ASCII characters; otherwise a new UUID is used. Ignored if
   * there is an `init`.
   */
  header?: string;
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
  options?: RequestOptions<Values, IncomingMessage>,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** A Fastify plugin: `fastify.register(plugin, { namespace })`. */
export function plugin(
  fastify: { addHook(name: 'onRequest', hook: (...args: any[]) => void): unknown },
  options: RequestOptions<any, IncomingMessage> & { namespace: Namespace<any> },
  done: (error?: Error) => void,
): void;

/** Creates a middleware for Koa. */
export function koa<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values, IncomingMessage>,
): (ctx: { req: IncomingMessage; res: ServerResponse }, next: () => Promise<any>) => Promise<any>;

/** Creates a middleware for Hono on Node.js. */
export function hono<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values, IncomingMessage>,
): (c: any, next: () => Promise<void>) => Promise<void>;
