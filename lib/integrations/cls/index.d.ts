/** The property of an error that holds the context it was thrown in. */
export const ERROR_SYMBOL: 'error@context';

/** The values of one unit of work: a plain object that inherits from the enclosing context. */
export type Context = Record<string, any>;

/** A named, independent family of contexts that follow asynchronous calls. `N` has the types of their values. */
export interface Namespace<N = Record<string, any>> {
  /** The active context; null outside any context. Assigning to it replaces it. */
  active: any;

  /** The async id of the code that created the namespace. */
  readonly id: number;

  /** The name it was created with. */
  readonly name: string;

  /** Sets a value of the active context and returns it. Throws outside a context. */
  set<K extends keyof N = keyof N>(key: K, value: N[K]): N[K];

  /** The value in the active context, or in the innermost one around it that has the key; undefined if there is none. */
  get<K extends keyof N = keyof N>(key: K): N[K];

  /** Calls a function with a new context, in that, and returns the context. */
  run(fn: (...args: any[]) => void): Context;

  /** Calls a function in a new context, and returns its result. */
  runAndReturn<T>(fn: (...args: any[]) => T): T;

  /** Calls an async function in a new context, and returns a promise with the same outcome. */
  runPromise<T>(fn: (...args: any[]) => Promise<T>): Promise<T>;

  /** Binds a function to a context; by default the active one, or else a new one. */
  bind<F extends Function>(fn: F, context?: any): F;

  /** Runs listeners that are added to an emitter from now on in the context that is active when they are added. */
  bindEmitter(emitter: NodeJS.EventEmitter): void;

  /** A new context inside the active one, not entered. */
  createContext(): any;

  /** Makes a context active, for the rest of the current callback and everything started in it. */
  enter(context: any): void;

  /** Leaves a context. Throws if it is not entered. */
  exit(context: any): void;

  /** The context that an error was thrown in. */
  fromException(exception: any): Context | undefined;
}

/** Creates a namespace, replacing a previous one of that name. */
export function createNamespace<N = Record<string, any>>(name: string): Namespace<N>;

/** The namespace registered under a name. */
export function getNamespace<N = Record<string, any>>(name: string): Namespace<N> | undefined;

/** Unregisters a namespace. Throws if there is none of that name. */
export function destroyNamespace(name: string): void;

/** Unregisters all namespaces. */
export function reset(): void;
