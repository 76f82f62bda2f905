import type { Context, ContextManager as Manager } from '@opentelemetry/api';

/** What `attach` returns: its `dispose` makes the context active again that was so before. */
export interface ContextManagementToken {
  /** Does it once; further calls do nothing. */
  dispose(): void;
}

/** Carries the active context of `@opentelemetry/api` across asynchronous calls. Independent of all others. */
export class ContextManager implements Manager {
  /** The active context; `ROOT_CONTEXT` if there is no other. */
  active(): Context;

  /** Calls a function with a context active, and returns what it returns: a promise as it is. */
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F>;

  /**
   * Binds a function, or the listeners that are put on an emitter from now on, to a context. Anything else is
   * returned as it is. An emitter stays with the first context that it was bound to.
   */
  bind<T>(context: Context, target: T): T;

  /** Contexts are carried from the start, so that this does nothing. */
  enable(): this;

  /**
   * Makes `ROOT_CONTEXT` the active context everywhere, also in what was started before; all but what listeners of
   * bound emitters have started. What is entered from then on is active as before.
   */
  disable(): this;

  /**
   * Makes a context the active one: for the rest of the running callback and all that is started in it, until the
   * token is disposed of. For `context.attach`, where `@opentelemetry/api` has it.
   */
  attach(context: Context): ContextManagementToken;
}
