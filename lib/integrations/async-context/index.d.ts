/**
 * `Variable` and `Snapshot` of the AsyncContext proposal of TC39, stage 2. Values are propagated like contexts of namespaces.
 *
 * https://github.com/tc39/proposal-async-context
 */

export interface VariableOptions<T = unknown> {
  /** The value of `variable.name`, as a string. Default: `''` */
  name?: string;

  /** The result of `variable.get()` outside `run`. Default: `undefined` */
  defaultValue?: T;
}

/** A variable with the value of the innermost enclosing `run`, also later in what that started. */
export class Variable<T = any> {
  constructor(options?: VariableOptions<T>);

  /** The name; `''` by default. */
  get name(): string;

  /** The value of the innermost `run`, even if that is `undefined`; the default value outside `run`. */
  get(): T | undefined;

  /**
   * Calls a function, without `this`, and returns its result. The variable has the value in the function and everything that it
   * starts.
   *
   * @throws {TypeError} code `ERR_INVALID_ARG_TYPE` if the callback is not a function
   */
  run<Args extends unknown[], R>(value: T, callback: (this: undefined, ...args: Args) => R, ...args: Args): R;

  readonly [Symbol.toStringTag]: string;
}

/** The values of all variables, and what is active in all namespaces, when it is created. */
export class Snapshot {
  constructor();

  /**
   * Binds a function to what is active now. The result passes `this`, arguments and result on, and has the length of the callback,
   * and its name after "wrapped ".
   *
   * @throws {TypeError} code `ERR_INVALID_ARG_TYPE` if the callback is not a function
   */
  static wrap<This, Args extends unknown[], R>(callback: (this: This, ...args: Args) => R): (this: This, ...args: Args) => R;

  /**
   * Calls a function, without `this`, in what was active when the snapshot was created, and returns its result.
   *
   * @throws {TypeError} code `ERR_INVALID_ARG_TYPE` if the callback is not a function
   */
  run<Args extends unknown[], R>(callback: (this: undefined, ...args: Args) => R, ...args: Args): R;

  readonly [Symbol.toStringTag]: string;
}
