import type { Context, Namespace } from '../../../index.js';

export interface UsageOptions {
  /** The namespaces, or their names, whose contexts are measured; all by default. */
  namespaces?: readonly (Namespace<any> | string)[];

  /** The keys for the rows of `by`; at most 16. */
  keys?: readonly (string | symbol | number)[];

  /** How many values of a key get rows of their own: those with the most time; 1,000 by default. */
  maxRows?: number;

  /** How often the channel `context.usage` publishes, in milliseconds; by default only on `stop`. */
  every?: number;
}

/** A context's usage of the loop. Times are in milliseconds. */
export interface ContextUsage {
  /** The time it had the loop, including nested contexts. */
  loopTime: number;

  /** The time it was the innermost active context. */
  selfTime: number;

  /** The thread's CPU time in the loop time; null if unavailable. */
  cpuTime: number | null;

  /** Garbage collections that came while it had the loop. They are in none of the other times, except for `longest`. */
  gcTime: number;

  /** How often it started to use the loop: callbacks, and calls that entered it. */
  callbacks: number;

  /** The longest uninterrupted time, including nested contexts. */
  longest: number;
}

/** A value's usage of the loop, or time without a value. Times are in milliseconds. */
export interface UsageRow {
  /** The value, or the type of an object, function or large bigint (`[object]`). For all other kinds, the kind's name. */
  row: unknown;
  kind: 'value' | 'rest' | 'not set' | 'no context' | 'garbage collection' | 'idle';
  loopTime: number;

  /** The share of the wall time, from 0 to 1. */
  share: number;

  /** The thread's CPU time; null if unavailable. */
  cpuTime: number | null;

  /** Garbage collections that came in that time, and are not in it; the row of all collections has 0. */
  gcTime: number;
  callbacks: number;
  longest: number;
}

/** Measures who uses the event loop of a thread. */
export interface Usage extends Disposable {
  /** The keys that rows are kept for. */
  readonly keys: (string | symbol)[];

  /** How long it has measured, in milliseconds: the sum of a key's rows. */
  readonly wallTime: number;

  /** A context's usage so far, even during a callback or in an `end` listener. */
  of(context: Context<any>): ContextUsage;

  /**
   * A row per value of a key, largest first, then rows for the rest, code outside contexts, garbage collection and idle time.
   */
  by(key: string | symbol | number): UsageRow[];

  /** Stops measuring; the results stay available. Further calls do nothing. */
  stop(): void;
}

/**
 * Starts measuring how long each context uses the event loop of this thread. Throws an Error with code
 * `ERR_CONTEXT_USAGE_RUNNING` if this thread is already measured.
 */
export function start(options?: UsageOptions): Usage;
