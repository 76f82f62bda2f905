import { EventEmitter } from 'node:events';

/** A context that receives the errors in it, synchronous or later, as an event `error`. */
export class Domain extends EventEmitter {
  /** Explicitly added emitters. Those created in the domain also belong to it, but are not listed. */
  members: EventEmitter[];

  /** Makes this the active domain, for the rest of the current callback and everything started in it. */
  enter(): void;

  /** Leaves this domain and all domains entered after it. Does nothing if it is not entered. */
  exit(): void;

  /** Calls a function in this domain, and returns its result. */
  run<A extends unknown[], R>(callback: (this: this, ...args: A) => R, ...args: A): R;

  /** Binds a function to this domain. */
  bind<T, A extends unknown[], R>(callback: (this: T, ...args: A) => R): (this: T, ...args: A) => R;

  /**
   * Binds an error-first callback to this domain: emits an error on the domain, or else calls the callback without that
   * argument.
   */
  intercept<T, A extends unknown[], R>(
    callback: (this: T, ...args: A) => R,
  ): (this: T, error?: Error | null, ...args: Partial<A>) => R | undefined;

  /**
   * Adds an emitter to this domain, removing it from its previous one. Its listeners run in the domain, which also receives
   * errors without a listener.
   */
  add(emitter: EventEmitter): void;

  /** Removes an emitter from this domain. */
  remove(emitter: EventEmitter): void;
}

/** Creates a domain without entering it. */
export function create(): Domain;

/** Creates a domain without entering it. */
export function createDomain(): Domain;

/** The active domain; undefined outside all domains. Read it as `domain.active` each time. */
export const active: Domain | undefined;
