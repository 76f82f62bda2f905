import { EventEmitter } from 'node:events';
import type { Stream } from 'node:stream';

/** A key of a value. A number means its string. */
export type Key = string | symbol | number;

/** The values of a namespace without a declared type. */
export type AnyValues = Record<Key, any>;

/** A function's type without its `this`, which a context gives it. */
type Callback<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result;

/** How a unit of work failed: it was left by an exception, a rejection, or an abort of its response or signal. */
export interface Outcome {
  readonly error: unknown;
}

/** A listener of `end`; its argument is undefined if the unit did not fail. */
export type EndListener = (outcome: Outcome | undefined) => void;

type AnyListener = (...args: any[]) => void;

/**
 * The values of one unit of work: a request, a transaction, a job. Created by `namespace.createContext()`.
 *
 * Emits `end` after `run` and after each outermost call of a bound function, outside of the context. After `endWith`, emits it
 * once, when the targets are over, in the context itself. The listeners get the outcome.
 */
export interface Context<Values extends object = AnyValues> extends EventEmitter {
  /** The namespace of this context. */
  readonly namespace: Namespace<Values>;

  /** This context's own values: an object without a prototype. */
  readonly bag: Partial<Values>;

  /** Sets a value of this context, and returns it. */
  set<K extends keyof Values, V extends Values[K]>(key: K, value: V): V;

  /** This context's own value, not inherited from enclosing contexts; undefined if not set. */
  get<K extends keyof Values>(key: K): Values[K] | undefined;

  /** Whether this context has the value itself, even if it is undefined. */
  has(key: keyof Values): boolean;

  /** Deletes one of this context's own values, and returns whether it was set. */
  delete(key: keyof Values): boolean;

  /**
   * Makes this the active context, for the rest of the current callback and everything started in it. The result is for
   * `using`: at the end of the block it undoes only this call. If the context is already active, neither changes anything.
   */
  enter(): Disposable;

  /**
   * Leaves this context, wherever it was entered. Prefer `using scope = context.enter()` in code that may run inside the
   * context: it undoes only that call. Throws an Error with code `ERR_CONTEXT_NOT_ENTERED` if the context is not entered here.
   */
  exit(): void;

  /**
   * Calls a function in this context and returns its result, then emits `end`: at once, or after the native promise that it
   * returned has settled.
   */
  run<Args extends unknown[], Result>(callback: Callback<this, Args, Result>, ...args: Args): Result;

  /** Binds a function to this context and the contexts that enclose it now. Each call works like `run` here. */
  bind<F extends (...args: any[]) => unknown>(callback: F): F;

  /** Runs listeners that are added to an emitter from now on in this context. They don't make it emit `end`. */
  add<E extends EventEmitter>(emitter: E): E;

  /**
   * Undoes `add` for listeners that are added from now on; existing ones stay in this context. Does nothing if the emitter was
   * not added to this context. An emitter that is no longer in any context gets its original methods back.
   */
  remove<E extends EventEmitter>(emitter: E): E;

  /**
   * Ties the end of this context to a target. `run` and bound functions no longer emit `end`: it is emitted once, when all
   * targets are over. A target may already be over; `end` is then emitted later, never before this returns. A target is over
   * when
   *
   * - a response emits `close`, or `finish` if nothing closes it (taken off its socket, made by an adapter or a test)
   * - a stream or other emitter emits `close`. Whether that has already happened is known for streams, servers, sockets, child
   *   processes, HTTP/2 sessions, readline interfaces, ports, file handles and file watchers (except recursive ones on Linux),
   *   and for sockets of `ws`. Your own emitter counts as closed if its `destroyed` or `closed` is true; without these, call
   *   `endWith` before it closes
   * - a worker of `node:worker_threads` or `node:cluster` emits `exit`, or an `fs.watchFile` watcher emits `stop`
   * - a native promise settles; it counts as handled from now on
   * - a signal aborts
   *
   * The targets keep the context alive until then. Throws an Error with code `ERR_CONTEXT_ENDED` if `end` was already emitted.
   */
  endWith(target: Stream | EventEmitter | Promise<unknown> | AbortSignal): this;

  /**
   * Aborts with `abort()`, or with a TimeoutError after the `timeout` of `createContext`; not after `end`. That of a default
   * context never aborts.
   */
  readonly signal: AbortSignal;

  /**
   * Aborts the signal, and those of `namespace.signal` in this context. The reason is an AbortError by default; the first one
   * stays. Throws an Error with code `ERR_CONTEXT_NOT_ACTIVE` on a default context.
   */
  abort(reason?: unknown): void;

  /**
   * Milliseconds until the nearest deadline of this context and, if it is active, those that enclose it: Infinity without one, 0
   * afterwards.
   */
  readonly remainingTime: number;

  /** Emits `end`: only once after `endWith`, whose targets are then ignored. Default contexts never emit it. */
  end(): void;

  /** Whether `end` was emitted. */
  readonly ended: boolean;

  on(event: 'end', listener: EndListener): this;
  on(event: string | symbol, listener: AnyListener): this;
  once(event: 'end', listener: EndListener): this;
  once(event: string | symbol, listener: AnyListener): this;
  addListener(event: 'end', listener: EndListener): this;
  addListener(event: string | symbol, listener: AnyListener): this;
  prependListener(event: 'end', listener: EndListener): this;
  prependListener(event: string | symbol, listener: AnyListener): this;
  prependOnceListener(event: 'end', listener: EndListener): this;
  prependOnceListener(event: string | symbol, listener: AnyListener): this;
}

/** A named, independent family of contexts. Created by `createNamespace(name)`. */
export interface Namespace<Values extends object = AnyValues> {
  /** The name it was created with. */
  readonly name: string;

  /** The active context; outside any context, the default one. */
  readonly active: Context<Values>;

  /**
   * Aborts as soon as the active context or one that encloses it does, with its reason. Outside of contexts, a signal that never
   * aborts.
   */
  readonly signal: AbortSignal;

  /** Creates a context without entering it: use its `run`, `enter` or `bind`. The initial values are copied. */
  createContext(values?: Partial<Values>, options?: ContextOptions): Context<Values>;

  /** Whether a context other than the default one is active. */
  isActive(): boolean;

  /** The values that `get` can find, in a new object without a prototype: those of the keys, or all. */
  toObject(): Partial<Values>;
  toObject<K extends keyof Values>(...keys: K[]): Partial<Pick<Values, K>>;

  /**
   * Sets a value of the active context, and returns it. Throws an Error with code `ERR_CONTEXT_NOT_ACTIVE` if the namespace is
   * strict and only the default context is active.
   */
  set<K extends keyof Values, V extends Values[K]>(key: K, value: V): V;

  /**
   * Exposes keys to `context/watchdog`: from now on, values set under these keys are copied to native memory. Strings, numbers,
   * booleans and bigints are copied as at most 128 bytes of text, other values as their type. Nothing is exposed by default.
   * Throws a RangeError with code `ERR_OUT_OF_RANGE` for more than 32 keys in one namespace.
   */
  expose(...keys: (keyof Values)[]): this;

  /** The value in the active context, or else in the innermost enclosing one that has it, the default context last. */
  get<K extends keyof Values>(key: K): Values[K] | undefined;

  /** Calls a function in a new context, see `Context.run`. */
  run<Args extends unknown[], Result>(callback: Callback<Context<Values>, Args, Result>, ...args: Args): Result;

  /** Calls a function in a new context with initial values. */
  run<Args extends unknown[], Result>(
    values: Partial<Values> | undefined,
    callback: Callback<Context<Values>, Args, Result>,
    ...args: Args
  ): Result;

  /**
   * Makes each call of a function a unit of work: it runs in a new root context, with the values that the second function returns
   * for the same arguments. Emits `end` when the returned promise has settled, or when the function returns.
   */
  wrap<This, Args extends unknown[], Result>(
    callback: (this: This, ...args: Args) => Result,
    values?: (this: This, ...args: Args) => Partial<Values> | undefined | void,
  ): (this: This, ...args: Args) => Result;

  /** Binds a function to the active context, see `Context.bind`. */
  bind<F extends (...args: any[]) => unknown>(callback: F): F;

  /**
   * The context that was active in this namespace where an error left `run` or a bound function; in a handler of
   * `uncaughtException` or `unhandledRejection`, also the one in which the error happened.
   */
  fromException(error: unknown): Context<Values> | undefined;
}

/**
 * Creates a namespace and registers it under a non-empty name. Replaces a namespace of that name, with a warning, once per
 * name.
 */
export function createNamespace<Values extends object = AnyValues>(name: string, options?: NamespaceOptions): Namespace<Values>;

export interface NamespaceOptions {
  /** Whether `namespace.set` throws outside a context. */
  strict?: boolean;
}

export interface ContextOptions {
  /**
   * Whether nothing of the namespace encloses the context, wherever it is entered: `get` finds only its own values and those of
   * the default context.
   */
  root?: boolean;

  /**
   * Milliseconds until the signal of the context is aborted with a TimeoutError, unless it has ended: 0 to 2^31-1. The timer
   * keeps no process alive.
   */
  timeout?: number;
}

/** Calls a function outside all contexts of all namespaces: for a pool's timer, a cache's refresh, a background job. */
export function detach<Args extends unknown[], Result>(callback: (...args: Args) => Result, ...args: Args): Result;

/**
 * Binds a function to the contexts that are active now, in all namespaces. They are active during each call, wherever it comes
 * from. No context emits `end` afterwards.
 */
export function bind<F extends (...args: any[]) => unknown>(callback: F): F;

/** Captures the contexts that are active now, in all namespaces. The returned function calls another one in them. */
export function snapshot(): <Args extends unknown[], Result>(callback: (...args: Args) => Result, ...args: Args) => Result;

/** The namespace registered under a name. */
export function getNamespace<Values extends object = AnyValues>(name: string): Namespace<Values> | undefined;

/** Unregisters a namespace, and returns whether there was one of that name. */
export function destroyNamespace(name: string): boolean;

/** The mechanism that carries contexts. The environment variable `CONTEXT_ENGINE` forces one. */
export const engine: 'async-hooks' | 'async-context-frame';

/** Counters of a namespace. */
export interface NamespaceStats {
  /** Contexts created. */
  created: number;
  /** Entries into contexts. */
  entered: number;
  /** `end` events emitted. */
  ended: number;
  /** The deepest nesting. */
  deepest: number;
}

/** Counters of each registered namespace; native pages in use; native bytes allocated, including a reserve. */
export function stats(): { namespaces: Record<string, NamespaceStats>; pages: number; bytes: number };

declare global {
  namespace NodeJS {
    interface Process {
      /** The registered namespaces in order of creation, also by name unless arrays have a property of that name. */
      readonly namespaces: Namespace[] & { readonly [name: string]: Namespace | undefined };
    }
  }
}
