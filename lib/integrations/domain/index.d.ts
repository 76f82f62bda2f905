import { EventEmitter } from 'node:events';

/** A context that receives the errors which happen in it, at once or in any callback later: as event `error`. */
export class Domain extends EventEmitter {
  /** The emitters that were added. Those that were created in the domain belong to it too, but are not listed. */
  members: EventEmitter[];

  /** Makes this the active domain: for the rest of the running callback and all that is started in it. */
  enter(): void;

  /** Leaves this domain, and all that were entered after it. Does nothing if it is not entered. */
  exit(): void;

  /** Calls a function in this domain, and returns what it returns. */
  run<A extends unknown[], R>(callback: (this: this, ...args: A) => R, ...args: A): R;

  /** Binds a function to this domain. */
  bind<T, A extends unknown[], R>(callback: (this: T, ...args: A) => R): (this: T, ...args: A) => R;

  /**
   * Binds a callback to this domain that takes an error as its first argument. Called with an error, the domain emits
   * that; else the callback is called in this domain, without that argument.
   */
  intercept<T, A extends unknown[], R>(
    callback: (this: T, ...args: A) => R,
  ): (this: T, error?: Error | null, ...args: Partial<A>) => R | undefined;

  /**
   * Has an emitter belong to this domain, and to no other: its listeners run in the domain, and the domain gets the
   * errors that it has no listener for.
   */
  add(emitter: EventEmitter): void;

  /** Takes an emitter out of this domain. */
  remove(emitter: EventEmitter): void;
}

/** Makes a domain, without entering it. */
export function create(): Domain;

/** Makes a domain, without entering it. */
export function createDomain(): Domain;

/** The active domain; undefined if there is none. Read it from the module each time: `domain.active`. */
export const active: Domain | undefined;
