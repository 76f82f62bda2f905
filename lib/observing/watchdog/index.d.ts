import type { EventEmitter } from 'node:events';

import type { Context, Namespace } from '../../../index.js';

export interface WatchdogOptions {
  /** The longest acceptable turn of the event loop in milliseconds; 1,000 by default. */
  threshold?: number;

  /** The time until the next report of the same turn in milliseconds, doubled each time; the threshold by default. */
  every?: number;

  /** A file descriptor, which is duplicated, or the path of a file to append to; 2 (standard error) by default. */
  destination?: number | string;

  /** Whether to write the JavaScript stack as well, as soon as V8 provides it; true by default. */
  stack?: boolean;

  /** The namespaces, or their names, whose contexts are reported; all by default. */
  namespaces?: readonly (Namespace<any> | string)[];
}

export interface BlockedContext {
  /** Its serial number in its namespace, from 1; 0 for the default context. */
  serial: number;

  /** Its age in milliseconds, if its namespace exposes keys and the watchdog was running when it was created. */
  age?: number;

  /** The values of exposed keys: numbers and booleans as they are, others as text. */
  labels?: Record<string, string | number | boolean>;

  /** The context itself, if it is still in memory. Not enumerable. */
  readonly context?: Context<any>;
}

export interface BlockedNamespace {
  name: string;

  /** The contexts that were active when the last line was written, outermost first. */
  contexts: BlockedContext[];

  /** The contexts that were active during the turn, with their share of it, largest first; without those under 1 %. */
  shares: (BlockedContext & { share: number })[];
}

/** A turn that reached the threshold. */
export interface Blocked {
  /** When its last line was written, in ISO 8601. */
  time: string;
  pid: number;

  /** The `threadId` of node:worker_threads. */
  thread: number;

  /** The duration of the turn in milliseconds. */
  duration: number;

  /** The thread's CPU time in it, in milliseconds; null if unavailable. */
  cpu: number | null;

  /** How many lines were written. */
  reports: number;

  /** The share of the turn in which it is unknown what ran, because Node.js did not report its beginning; omitted if under 1 %. */
  unknown?: number;
  namespaces: BlockedNamespace[];

  /** The JavaScript stack, innermost call first: function, file, line and column; null if unavailable. */
  stack: string[] | null;

  /** The contexts in `namespaces` that are still in memory. Not enumerable: JSON and the console omit it. */
  readonly contexts: Context<any>[];
}

/** Watches the event loop of a thread. */
export interface Watchdog extends EventEmitter, Disposable {
  /** Stops watching. Further calls do nothing. */
  stop(): void;

  /**
   * The reports of turns in which a context, or one that it encloses, had a share; the latest last, at most 100. If the current
   * turn was reported, its report so far is included, before `blocked` is emitted: call it in a listener of `end`.
   */
  reportsOf(context: Context<any>): Blocked[];

  /** Emitted when the loop responds again. */
  on(event: 'blocked', listener: (blocked: Blocked) => void): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  once(event: 'blocked', listener: (blocked: Blocked) => void): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
}

/**
 * Watches the event loop of this thread from a native thread that needs no JavaScript. When a turn of the loop exceeds the
 * threshold, writes a line of JSON with the active contexts while the loop is still blocked. Throws an Error with code
 * `ERR_CONTEXT_WATCHDOG_RUNNING` if this thread is already watched, or `ERR_CONTEXT_WATCHDOG_THREAD` if the thread can't be
 * created.
 */
export function start(options?: WatchdogOptions): Watchdog;
