/** A place at which code ran, and read a context, in another request than it was passed in. */
export interface Finding {
  /**
   * What lost its context: a callback or a listener that was passed to an API, a job that one function handles for all requests,
   * or any other function.
   */
  kind: 'callback' | 'listener' | 'job' | 'function';

  /** The call that it was passed to, as it is written: `pool.query`. */
  api?: string;

  /** Where it was passed: the file, relative to the current folder. */
  file: string;
  line: number;
  column: number;

  /** The package that called it, `Node.js` or `the application`. */
  package: string;

  /** The call: `node_modules/pg-pool/index.js:478:18`. */
  calledAt?: string;

  /** The contexts of the first time, as `request#8`: the name of a namespace, and the value of `id`. */
  passedIn: string;
  ranIn: string;

  /** How many times it ran in another request, and in none. */
  foreign: number;
  none: number;

  /** How many times code in it read the wrong context. After 100 losses at a place, only each sixteenth is examined for reads. */
  reads: number;

  /** The first of them: `log (src/log.js:79:40)`. */
  firstRead?: string;

  /** With the option `carriers`: the resource in whose callback it ran, and who made it. */
  carrier?: string;

  /** What keeps the context. */
  repair: string;

  /** All of it, as `context-find` prints it. */
  text: string;
}

/** What was found so far in this thread, the commonest first; empty if the finder does not run. */
export function findings(): Finding[];

/** Forgets what was found so far. */
export function clear(): void;
