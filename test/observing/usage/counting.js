'use strict';

const { start } = require('context/usage');

/**
 * Calls a function with a usage that counts until that is over, whatever happens.
 *
 * @template T
 * @param {object} options of `start`
 * @param {(usage: Usage) => T | Promise<T>} callback
 * @returns {Promise<T>}
 */
async function counting(options, callback) {
  const usage = start(options);
  try {
    return await callback(usage);
  } finally {
    usage.stop();
  }
}

module.exports = { counting };
