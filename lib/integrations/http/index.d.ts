import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';

import type { AnyValues, Context, Namespace } from '../../../index.js';

/**
 * A request as `init` and `filter` of `instrument` get it: an IncomingMessage of HTTP/1, an Http2ServerRequest, or for a stream of
 * HTTP/2 an object with no more than these properties.
 */
export interface RequestLike {
  readonly headers: IncomingHttpHeaders;
  readonly method?: string;
  readonly url?: string;

  /** The stream of a request of HTTP/2. */
  readonly stream?: ServerHttp2Stream;
}

/** `Request` is what a request is known to be: more than that if only servers of one kind are meant. */
export interface RequestOptions<Values extends object = AnyValues, Request extends RequestLike = RequestLike> {
  /**
   * Sets the first values of a request's context. Without it there is an `id`. If it throws, or returns a promise that is rejected,
   * the request is served all the same.
   */
  init?(context: Context<Values>, request: Request): void;

  /** Whether a request has a context. All have if it is not given. */
  filter?(request: Request): boolean;

  /**
   * The name of the header that has the `id` of a request, if its caller has given it one. Taken are 1 to 128 printable characters
   * of ASCII; others have a new UUID. Without effect if there is an `init`.
   */
  header?: string;
}

/**
 * From here on every request that a server of this process gets has a context of its own: in its handlers, in all that they
 * start, and in the listeners of the request and the response. The context ends when the response has closed, or the socket of an
 * upgrade or of CONNECT.
 */
export function instrument<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values>,
): { disable(): void };

/** A middleware for Connect, Express, NestJS and whatever takes `(request, response, next)`. */
export function middleware<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values, IncomingMessage>,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** A plugin for Fastify: `fastify.register(plugin, { namespace })`. */
export function plugin(
  fastify: { addHook(name: 'onRequest', hook: (...args: any[]) => void): unknown },
  options: RequestOptions<any, IncomingMessage> & { namespace: Namespace<any> },
  done: (error?: Error) => void,
): void;

/** A middleware for Koa. */
export function koa<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values, IncomingMessage>,
): (ctx: { req: IncomingMessage; res: ServerResponse }, next: () => Promise<any>) => Promise<any>;

/** A middleware for Hono on Node.js. */
export function hono<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values, IncomingMessage>,
): (c: any, next: () => Promise<void>) => Promise<void>;
