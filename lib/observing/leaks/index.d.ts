import type { Context } from '../../../index.js';

export interface LeaksOptions {
  /**
   * Names the group of a context, when it ends: a route, say. At most 128 characters are kept. Undefined, as by default, for the
   * namespace's name.
   */
  label?(context: Context<any>): string | undefined;
}

export interface EndedOptions {
  /** The least time since the end in milliseconds; 10,000 by default. */
  olderThan?: number;
}

export interface ExplainOptions extends EndedOptions {
  /** The most contexts to explain, evenly chosen; 1,000 by default. */
  sample?: number;

  /** Refuses if the heap has more bytes; 100,000,000 by default. */
  maxHeap?: number;
}

/** Contexts with the same label that have ended and are still in memory. */
export interface EndedGroup {
  label: string;
  count: number;

  /** How long ago the first of them ended, in milliseconds. */
  oldest: number;
}

/** Contexts with the same label and holder. */
export interface HeldGroup {
  count: number;
  label: string;

  /** What holds them: `active timers → Timeout of setInterval at cache.js:20 → the context`. */
  line: string;

  /** Each node of the heap on the way from the root to the first of them. */
  chain: string[];
}

/** Notes which contexts end, and holds none. */
export interface Leaks extends Disposable {
  /** Counts the contexts that ended some time ago and are still in memory, by label, the most first. */
  ended(options?: EndedOptions): EndedGroup[];

  /**
   * Finds what holds them, from a heap snapshot, which blocks the thread. Rejects with an Error with code
   * `ERR_CONTEXT_LEAKS_HEAP` if the heap is larger than `maxHeap`.
   */
  explain(options?: ExplainOptions): Promise<{ groups: HeldGroup[] }>;

  /**
   * Writes a heap snapshot for the command `context-leaks`, which blocks the thread. It has all strings of the program. Returns
   * the file.
   */
  writeSnapshot(file: string): string;

  /** Stops watching. What has ended so far can still be asked for. Further calls do nothing. */
  stop(): void;
}

/**
 * Starts to note which contexts of this thread end. Throws an Error with code `ERR_CONTEXT_LEAKS_RUNNING` if this thread is
 * already watched.
 */
export function start(options?: LeaksOptions): Leaks;
