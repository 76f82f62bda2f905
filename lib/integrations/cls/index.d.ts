/** The property of an error that holds the context which it came out of. */
export const ERROR_SYMBOL: 'error@context';

/** The values of one unit of work: a plain object whose prototype is the context around it. */
export type Context = Record<string, any>;

/** A named, independent family of contexts that follow asynchronous calls. */
export interface Namespace {
  /** The active context; null if there is none. Assigning to it puts another one in its place. */
  active: any;

  /** The async id of the code that made the namespace. */
  readonly id: number;

  /** The name that it was made with. */
  readonly name: string;

  /** Sets a value of the active context and returns it. Throws if no context is active. */
  set<T>(key: string, value: T): T;

  /** The value in the active context, or in the nearest one around it that has it; undefined if none has. */
  get(key: string): any;

  /** Calls a function in a new context, and returns that. */
  run(fn: (context: Context) => void): Context;

  /** Calls a function in a new context, and returns what it returns. */
  runAndReturn<T>(fn: (context: Context) => T): T;

  /** Calls an async function in a new context, and returns a promise with the same outcome. */
  runPromise<T>(fn: (context: Context) => Promise<T>): Promise<T>;

  /** Binds a function to a context: else to the active one, else to a new one. */
  bind<F extends Function>(fn: F, context?: Context): F;

  /** Has each listener that is put on an emitter from now on run in the context that is active where it is put on. */
  bindEmitter(emitter: NodeJS.EventEmitter): void;

  /** A new context inside the active one, not entered. */
  createContext(): Context;

  /** Makes a context the active one: for the rest of the running callback and all that is started in it. */
  enter(context: Context): void;

  /** Takes a context off again. Throws if it is not entered. */
  exit(context: Context): void;

  /** The context that an error came out of. */
  fromException(exception: any): Context | undefined;
}

/** Makes a namespace, in the place of one that may have the name. */
export function createNamespace(name: string): Namespace;

/** The namespace that has the name. */
export function getNamespace(name: string): Namespace | undefined;

/** Takes a namespace out of the registry. Throws if there is none of that name. */
export function destroyNamespace(name: string): void;

/** Takes all namespaces out of the registry. */
export function reset(): void;
