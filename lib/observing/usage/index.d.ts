import type { Context, Namespace } from '../../../index.js';

export interface UsageOptions {
  /** The namespaces, or their names, whose contexts are counted. All if it is not given. */
  namespaces?: readonly (Namespace<any> | string)[];

  /** The keys by which `by` tells rows; 16 at most. */
  keys?: readonly (string | symbol | number)[];

  /** How many values of a key have a row of their own: those with the most time. 1,000 if it is not given. */
  maxRows?: number;

  /** How often the channel `context.usage` is told, in milliseconds. If it is not given, by `stop` alone. */
  every?: number;
}

/** What a context has taken of the loop. Times are in milliseconds. */
export interface ContextUsage {
  /** For how long it had the loop, with what nests in it. */
  loopTime: number;

  /** For how long it was the innermost one. */
  selfTime: number;

  /** How often it got the loop as the innermost one: callbacks, and calls that entered it. */
  callbacks: number;

  /** For how long it had the loop without a break at most, with what nests in it. */
  longest: number;
}

/** What a value of a key has taken of the loop, or what nobody has. Times are in milliseconds. */
export interface UsageRow {
  /** The value; of objects, functions and large bigints their type, as in `[object]`. The name of the kind for all other kinds. */
  row: unknown;
  kind: 'value' | 'rest' | 'not set' | 'no context' | 'garbage collection' | 'idle';
  loopTime: number;

  /** Its part of the wall time, from 0 to 1. */
  share: number;

  /** The CPU time that the thread took; null if it is not to be had here. */
  cpuTime: number | null;
  callbacks: number;
  longest: number;
}

/** Counts who has the event loop of a thread. */
export interface Usage extends Disposable {
  /** The keys that rows are kept for. */
  readonly keys: (string | symbol)[];

  /** For how long it counts, in milliseconds: what the rows of a key add up to. */
  readonly wallTime: number;

  /** What a context has taken so far; in the middle of a callback, and in a listener of `end`, too. */
  of(context: Context<any>): ContextUsage;

  /** A row for each value of a key, the largest first, and one for each way in which nobody had the loop. */
  by(key: string | symbol | number): UsageRow[];

  /** Stops counting. What was counted can be asked for still. Calling it again does nothing. */
  stop(): void;
}

/**
 * Counts for how long each context has the event loop of this thread, from here on. Throws an Error with code
 * `ERR_CONTEXT_USAGE_RUNNING` if that is counted already.
 */
export function start(options?: UsageOptions): Usage;
