import { EventEmitter } from 'node:events';

/** What a value can be set under. A number stands for its string. */
export type Key = string | symbol | number;

/** The values of a namespace if nothing is said of them. */
export type AnyValues = Record<Key, any>;

/** A function's type without its `this`, which a context gives it. */
type Callback<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result;

/**
 * The values of one unit of work: a request, a transaction, a job. Made by `namespace.createContext()` alone.
 *
 * Emits `end` when it is about to go out of scope: after `run` and after each call of a bound function.
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

  /** Makes this the active context: for the rest of the running callback and all that is started in it. */
  enter(): void;

  /** Takes this context off again. Throws an Error with code `ERR_CONTEXT_NOT_ENTERED` if it is not entered here. */
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

  /** Emits `end`. The default context never does. */
  end(): void;
}

/** A named, independent family of contexts. Made by `createNamespace(name)` alone. */
export interface Namespace<Values extends object = AnyValues> {
  /** The name it was created with. */
  readonly name: string;

  /** The active context; the default context if there is no other. */
  readonly active: Context<Values>;

  /** Makes a context, without entering it: its `run`, `enter` and `bind` do that. */
  createContext(): Context<Values>;

  /** Sets a value of the active context, and returns it. */
  set<K extends keyof Values, V extends Values[K]>(key: K, value: V): V;

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
export function createNamespace<Values extends object = AnyValues>(name: string): Namespace<Values>;

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
      /** The registered namespaces in the order of their creation, and by their names where no array uses these. */
      readonly namespaces: Namespace[] & { readonly [name: string]: Namespace };
    }
  }
}
