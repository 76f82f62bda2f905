'use strict';

const { invalidType } = require('../util/errors');

const NONE = Object.freeze({ __proto__: null, root: false });

/**
 * Reads the options of `createContext`.
 * @param {{ root?: boolean } | undefined} options
 * @returns {{ root: boolean }}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
 */
function contextOptions(options) {
  if (options === undefined) return NONE;
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { root = false } = options;
  if (typeof root !== 'boolean') throw invalidType('options.root', 'a boolean', root);
  return { root };
}

module.exports = { contextOptions };
