/** The property of an error that holds the context it was thrown in. */
export const ERROR_SYMBOL: 'error@context';

/** The values of one unit of work: a plain object that inherits from the enclosing context. */
export type Context = Record<string, any>;

/** A named, independent family of contexts that follow asynchronous calls. */
export interface Namespace {
  /** The active context; null outside any context. Assigning to it replaces it. */
  active: any;

  /** The async id of the code that created the namespace. */
  readonly id: number;

  /** The name it was created with. */
  readonly name: string;

  /** Sets a value of the active context and returns it. Throws outside a context. */
  set<T>(key: string, value: T): T;

  /** The value in the active context, or in the innermost one around it that has the key; undefined if there is none. */
  get(key: string): any;

  /** Calls a function in a new context, and returns the context. */
  run(fn: (context: Context) => void): Context;

  /** Calls a function in a new context, and returns its result. */
  runAndReturn<T>(fn: (context: Context) => T): T;

  /** Calls an async function in a new context, and returns a promise with the same outcome. */
  runPromise<T>(fn: (context: Context) => Promise<T>): Promise<T>;

  /** Binds a function to a context; by default the active one, or else a new one. */
  bind<F extends Function>(fn: F, context?: Context): F;

  /** Runs listeners that are added to an emitter from now on in the context that is active when they are added. */
  bindEmitter(emitter: NodeJS.EventEmitter): void;

  /** A new context inside the active one, not entered. */
  createContext(): Context;

  /** Makes a context active, for the rest of the current callback and everything started in it. */
  enter(context: Context): void;

  /** Leaves a context. Throws if it is not entered. */
  exit(context: Context): void;

  /** The context that an error was thrown in. */
  fromException(exception: any): Context | undefined;
}

/** Creates a namespace, replacing a previous one of that name. */
export function createNamespace(name: string): Namespace;

/** The namespace registered under a name. */
export function getNamespace(name: string): Namespace | undefined;

/** Unregisters a namespace. Throws if there is none of that name. */
export function destroyNamespace(name: string): void;

/** Unregisters all namespaces. */
export function reset(): void;
