import { EventEmitter } from 'node:events';
import type { Stream } from 'node:stream';

/** What a value can be set under. A number stands for its string. */
export type Key = string | symbol | number;

/** The values of a namespace if nothing is said of them. */
export type AnyValues = Record<Key, any>;

/** A function's type without its `this`, which a context gives it. */
type Callback<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result;

/**
 * The values of one unit of work: a request, a transaction, a job. Made by `namespace.createContext()` alone.
 *
 * Emits `end` when it is about to go out of scope: after `run` and after each outermost call of a bound function. A context that
 * was told by `endWith` what its life depends on emits it once, when that is over.
 */
export interface Context<Values extends object = AnyValues> extends EventEmitter {
  /** The namespace that this context belongs to. */
  readonly namespace: Namespace<Values>;

  /** This context's own values: an object without a prototype. */
  readonly bag: Partial<Values>;

  /** Sets a value of this context, and returns it. */
  set<K extends keyof Values, V extends Values[K]>(key: K, value: V): V;

  /** This context's own value, never that of an enclosing one; undefined if it has none. */
  get<K extends keyof Values>(key: K): Values[K] | undefined;

  /** Whether a value of its own is set, if only to undefined. */
  has(key: keyof Values): boolean;

  /** Takes a value of its own away, and tells whether there was one. */
  delete(key: keyof Values): boolean;

  /**
   * Makes this the active context: for the rest of the running callback and all that is started in it. If it is active already,
   * nothing changes. What it returns is for `using`: at the end of the block it undoes what this call did, and no more.
   */
  enter(): Disposable;

  /**
   * Takes this context off again, whoever has entered it. Code that may be called with the context active leaves by what its `enter`
   * returned. Throws an Error with code `ERR_CONTEXT_NOT_ENTERED` if it is not entered here.
   */
  exit(): void;

  /**
   * Calls a function in this context and returns what it returns, then emits `end`: right away, or once the native promise that
   * was returned has settled.
   */
  run<Args extends unknown[], Result>(callback: Callback<this, Args, Result>, ...args: Args): Result;

  /** Binds a function to this context, nested as it is now: whoever calls it, whenever, runs it as `run` would here. */
  bind<F extends (...args: any[]) => unknown>(callback: F): F;

  /** Has every listener that is put on an emitter from now on run in this context. They never make it emit `end`. */
  add<E extends EventEmitter>(emitter: E): E;

  /**
   * Undoes `add`: listeners that are put on the emitter from now on do not run in this context, those that are on it go on to. Does
   * nothing if the emitter was not added to this context. An emitter that no context has any more gets its own methods back.
   */
  remove<E extends EventEmitter>(emitter: E): E;

  /**
   * Tells what the life of this context depends on. From here on neither `run` nor bound functions emit `end`: it is emitted
   * once, when the target is over; if there are several, when all of them are. What is over already counts too; `end` comes later
   * then, never before this returns.
   *
   * - a response: with `close`, or with `finish` if nothing closes it (taken off its socket, made by an adapter or a test)
   * - a stream, or another emitter: with `close`. Node.js tells whether it was closed before of streams, servers, sockets, child
   *   processes, sessions of HTTP/2, readline interfaces, ports, file handles and file watchers (but not of recursive ones on Linux),
   *   and `ws` of its sockets. An emitter of your own counts as closed if its `destroyed` or `closed` is true; without these, call
   *   `endWith` before it closes
   * - a worker of `node:worker_threads` or `node:cluster`: with `exit`; what `fs.watchFile` returns: with `stop`
   * - a native promise: when it has settled; it counts as handled from here on
   * - a signal: when it is aborted
   *
   * The target keeps the context alive until one of them is over. Throws an Error with code `ERR_CONTEXT_ENDED` if `end` was emitted
   * before.
   */
  endWith(target: Stream | EventEmitter | Promise<unknown> | AbortSignal): this;

  /** Emits `end`. After `endWith` it does so once, and the targets no longer matter. The default context never emits it. */
  end(): void;

  /** Whether `end` was emitted. */
  readonly ended: boolean;
}

/** A named, independent family of contexts. Made by `createNamespace(name)` alone. */
export interface Namespace<Values extends object = AnyValues> {
  /** The name it was created with. */
  readonly name: string;

  /** The active context; the default context if there is no other. */
  readonly active: Context<Values>;

  /** Makes a context, without entering it: its `run`, `enter` and `bind` do that. It starts with copies of the values given. */
  createContext(values?: Partial<Values>): Context<Values>;

  /** Whether a context other than the default one is active. */
  isActive(): boolean;

  /** All that `get` would find, in a new object without a prototype. */
  toObject(): Partial<Values>;

  /**
   * Sets a value of the active context, and returns it. Throws an Error with code `ERR_CONTEXT_NOT_ACTIVE` if the namespace is
   * strict and no context but the default one is active.
   */
  set<K extends keyof Values, V extends Values[K]>(key: K, value: V): V;

  /**
   * Has the values of keys copied to native memory when they are set on a context, from here on, for `context/watchdog` to read:
   * strings, numbers, booleans and bigints as text of 128 bytes at most, of other values their type. Nothing is exposed before.
   * Throws a RangeError with code `ERR_OUT_OF_RANGE` for more than 32 keys of a namespace.
   */
  expose(...keys: (keyof Values)[]): this;

  /** The value from the active context outwards through those that enclose it, the default context last. */
  get<K extends keyof Values>(key: K): Values[K] | undefined;

  /** Calls a function in a new context, see `Context.run`. */
  run<Args extends unknown[], Result>(callback: Callback<Context<Values>, Args, Result>, ...args: Args): Result;

  /** Binds a function to what is active in this namespace now, see `Context.bind`. */
  bind<F extends (...args: any[]) => unknown>(callback: F): F;

  /** The context that was active in this namespace where an error came out of `run` or of a bound function. */
  fromException(error: unknown): Context<Values> | undefined;
}

/**
 * Makes a namespace and registers it under its name: any string but the empty one. It replaces one that has the name already;
 * the process is warned of that, once for each name.
 */
export function createNamespace<Values extends object = AnyValues>(name: string, options?: NamespaceOptions): Namespace<Values>;

export interface NamespaceOptions {
  /** Whether `namespace.set` is to throw if no context but the default one is active. */
  strict?: boolean;
}

/**
 * Binds a function to what is active in all namespaces now: whoever calls it, whenever, has that active in it. No context emits
 * `end` after it.
 */
export function bind<F extends (...args: any[]) => unknown>(callback: F): F;

/** Takes what is active in all namespaces now. The function that it returns calls another one with that active. */
export function snapshot(): <Args extends unknown[], Result>(callback: (...args: Args) => Result, ...args: Args) => Result;

/** The namespace that is registered under a name. */
export function getNamespace<Values extends object = AnyValues>(name: string): Namespace<Values> | undefined;

/** Takes a namespace out of the registry, and tells whether one was registered under the name. */
export function destroyNamespace(name: string): boolean;

/** How contexts are carried. The environment variable `CONTEXT_ENGINE` forces one. */
export const engine: 'async-hooks' | 'async-context-frame';

/** What is counted for a namespace. */
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

/** What was counted for each registered namespace; the pages of frames in use; the native bytes held, a reserve included. */
export function stats(): { namespaces: Record<string, NamespaceStats>; pages: number; bytes: number };

declare global {
  namespace NodeJS {
    interface Process {
      /** The registered namespaces in the order of their creation, and by their names if no array has a property of that name. */
      readonly namespaces: Namespace[] & { readonly [name: string]: Namespace | undefined };
    }
  }
}
