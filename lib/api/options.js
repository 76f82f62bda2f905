'use strict';

const { invalidType, withCode } = require('../util/errors');

/** The longest delay of a timer of Node.js, in ms. */
const LONGEST = 2 ** 31 - 1;

/**
 * Reads the options of `createContext`.
 * @param {{ root?: boolean, timeout?: number }} options
 * @returns {{ root: boolean, timeout: number | undefined }}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
 * @throws {RangeError} with code ERR_OUT_OF_RANGE
 */
function contextOptions(options) {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { root = false, timeout } = options;
  if (typeof root !== 'boolean') throw invalidType('options.root', 'a boolean', root);
  if (timeout !== undefined) {
    if (typeof timeout !== 'number') throw invalidType('options.timeout', 'a number', timeout);
    if (!(timeout >= 0 && timeout <= LONGEST)) {
      const message = `options.timeout must be 0 to ${LONGEST} milliseconds, but it is ${timeout}. For no deadline, leave it out`;
      throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
    }
  }
  return { root, timeout };
}

module.exports = { contextOptions };
