/**
 * `Variable` and `Snapshot` of the AsyncContext proposal of TC39, stage 2. Values are carried as contexts of namespaces are.
 *
 * https://github.com/tc39/proposal-async-context
 */

export interface VariableOptions<T = unknown> {
  /** What `variable.name` returns, as a string. Default: `''` */
  name?: string;

  /** What `variable.get()` returns outside of `run`. Default: `undefined` */
  defaultValue?: T;
}

/** A variable that has the value of the innermost `run` around it, also in what was started there and runs later. */
export class Variable<T = any> {
  constructor(options?: VariableOptions<T>);

  /** The name that it was given; `''` without one. */
  get name(): string;

  /** The value of the innermost `run`, also if that is `undefined`; the default value outside of `run`. */
  get(): T | undefined;

  /**
   * Calls a function, without `this`, and returns what it returns. In the function, and in all that it starts, the variable has
   * this value.
   *
   * @throws {TypeError} code `ERR_INVALID_ARG_TYPE` if the callback is not a function
   */
  run<Args extends unknown[], R>(value: T, callback: (this: undefined, ...args: Args) => R, ...args: Args): R;

  readonly [Symbol.toStringTag]: string;
}

/** The values of all variables, and what is active in all namespaces, at the moment of its creation. */
export class Snapshot {
  constructor();

  /**
   * Makes a function that calls another one in what is active now. It passes `this`, arguments and result on, and has the length of
   * the callback, and its name after "wrapped ".
   *
   * @throws {TypeError} code `ERR_INVALID_ARG_TYPE` if the callback is not a function
   */
  static wrap<This, Args extends unknown[], R>(callback: (this: This, ...args: Args) => R): (this: This, ...args: Args) => R;

  /**
   * Calls a function, without `this`, in what was active when the snapshot was created, and returns what it returns.
   *
   * @throws {TypeError} code `ERR_INVALID_ARG_TYPE` if the callback is not a function
   */
  run<Args extends unknown[], R>(callback: (this: undefined, ...args: Args) => R, ...args: Args): R;

  readonly [Symbol.toStringTag]: string;
}
