import type { Context, ContextManager as Manager } from '@opentelemetry/api';

/** Returned by `attach`. */
export interface ContextManagementToken {
  /** Restores the previously active context, once. */
  dispose(): void;
}

/**
 * Carries the active context of `@opentelemetry/api` across asynchronous calls, independently of other managers and namespaces.
 */
export class ContextManager implements Manager {
  /** The active context; `ROOT_CONTEXT` by default. */
  active(): Context;

  /** Calls a function in a context, and returns its result. Promises are returned as they are. */
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F>;

  /**
   * Binds a function, or the listeners that are added to an emitter from now on, to a context. Returns other values as they
   * are. An emitter stays bound to its first context.
   */
  bind<T>(context: Context, target: T): T;

  /** Does nothing: contexts are carried from the start. */
  enable(): this;

  /**
   * Makes `ROOT_CONTEXT` active everywhere, including in operations started earlier, except those started by listeners of bound
   * emitters. Contexts entered later are active as usual.
   */
  disable(): this;

  /**
   * Makes a context active, for the rest of the current callback and everything started in it, until the token is disposed. For
   * `context.attach` of newer `@opentelemetry/api`.
   */
  attach(context: Context): ContextManagementToken;
}
