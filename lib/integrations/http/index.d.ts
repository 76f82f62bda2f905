import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import type { AnyValues, Context, Namespace } from '../../../index.js';

/** A request as `init` and `filter` get it: of HTTP/1, of the compatibility API of HTTP/2, or the names of these for a stream. */
export interface RequestLike {
  readonly headers: IncomingHttpHeaders;
  readonly method?: string;
  readonly url?: string;
}

export interface RequestOptions<Values extends object = AnyValues> {
  /** Sets the first values of a request's context. Without it there is an `id`. */
  init?(context: Context<Values>, request: IncomingMessage): void;

  /** Whether a request has a context. All have if it is not given. */
  filter?(request: IncomingMessage): boolean;

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
  options?: RequestOptions<Values>,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** A plugin for Fastify: `fastify.register(plugin, { namespace })`. */
export function plugin(
  fastify: { addHook(name: 'onRequest', hook: (...args: any[]) => void): unknown },
  options: RequestOptions<any> & { namespace: Namespace<any> },
  done: (error?: Error) => void,
): void;

/** A middleware for Koa. */
export function koa<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values>,
): (ctx: { req: IncomingMessage; res: ServerResponse }, next: () => Promise<any>) => Promise<any>;

/** A middleware for Hono on Node.js. */
export function hono<Values extends object>(
  namespace: Namespace<Values>,
  options?: RequestOptions<Values>,
): (c: any, next: () => Promise<void>) => Promise<void>;
