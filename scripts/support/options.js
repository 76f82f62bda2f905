'use strict';

const { parseArgs } = require('node:util');

/**
 * Reads the options of a command. If they are wrong, says what is and how the command is used, and ends the process with
 * exit code 2.
 *
 * @template T
 * @param {string} usage one line
 * @param {object} options as `util.parseArgs` takes them
 * @param {(values: Record<string, string | boolean | undefined>) => T} read makes of the values what the command needs, and throws
 *   an error if one of them is wrong
 * @returns {T}
 */
function readOptions(usage, options, read) {
  try {
    return read(parseArgs({ options }).values);
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return process.exit(2);
  }
}

module.exports = { readOptions };
