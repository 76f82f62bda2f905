import type { EventEmitter } from 'node:events';

import type { Namespace } from '../../../index.js';

export interface WatchdogOptions {
  /** How long a turn of the event loop may last before it is reported, in milliseconds. 1,000 if it is not given. */
  threshold?: number;

  /** After how long it is reported again, in milliseconds; then each time after twice as long. The threshold if it is not given. */
  every?: number;

  /** A file descriptor, which is duplicated, or the path of a file that lines are appended to. 2 if it is not given: standard error. */
  destination?: number | string;

  /** Whether the JavaScript stack is told, as soon as V8 lets it be read. It is if this is not given. */
  stack?: boolean;

  /** The namespaces, or their names, whose contexts are told. All if it is not given. */
  namespaces?: readonly (Namespace<any> | string)[];
}

/** What is told of a context. */
export interface BlockedContext {
  /** Its serial number in its namespace, from 1; 0 for the default context. */
  serial: number;

  /** How long ago it was made, in milliseconds, if its namespace exposes keys and the watchdog ran by then. */
  age?: number;

  /** The values of keys that its namespace exposes: numbers and booleans as they are, all else as text. */
  labels?: Record<string, string | number | boolean>;
}

export interface BlockedNamespace {
  name: string;

  /** The contexts that were active when the last line was written, the outermost first. */
  contexts: BlockedContext[];

  /** The contexts that were seen in the turn, with their share of it, the largest first. Those under 1 % are left out. */
  shares: (BlockedContext & { share: number })[];
}

/** A turn that lasted for the threshold at least. */
export interface Blocked {
  /** When its last line was written, in ISO 8601. */
  time: string;
  pid: number;

  /** The `threadId` of node:worker_threads. */
  thread: number;

  /** How long the turn lasted, in milliseconds. */
  duration: number;

  /** The CPU time that the thread took in it, in milliseconds; null if it is not to be had here. */
  cpu: number | null;

  /** How many lines were written. */
  reports: number;

  /** The share of the turn in which nobody knows what ran, as Node.js did not say that it began; not there if it is under 1 %. */
  unknown?: number;
  namespaces: BlockedNamespace[];

  /** The calls of the JavaScript stack, the innermost first: function, file, line and column; null if V8 did not give it. */
  stack: string[] | null;
}

/** Watches the event loop of a thread. */
export interface Watchdog extends EventEmitter, Disposable {
  /** Stops watching. Calling it again does nothing. */
  stop(): void;

  /** The loop answers again after it was blocked. */
  on(event: 'blocked', listener: (blocked: Blocked) => void): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  once(event: 'blocked', listener: (blocked: Blocked) => void): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
}

/**
 * Has the event loop of this thread watched by a thread that needs no JavaScript. When a turn of the loop lasts too long it writes
 * a line of JSON that says which contexts are active, while the loop is still blocked. Throws an Error with code
 * `ERR_CONTEXT_WATCHDOG_RUNNING` if this thread is watched already, `ERR_CONTEXT_WATCHDOG_THREAD` if the system has no thread to give.
 */
export function start(options?: WatchdogOptions): Watchdog;
