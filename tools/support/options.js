'use strict';

/** The options of a command. Each kind reads a text and describes itself for the usage line and errors. */

const path = require('node:path');
const { parseArgs } = require('node:util');

const { root } = require('./run');

/** Throws a description of the values that an option accepts. */
const wrong = (expected) => {
  throw new TypeError(expected);
};

/** A number; by default an integer from 0. */
function number(initial, { least = 0, most = 1e12, whole = true } = {}) {
  const pattern = whole ? /^-?\d{1,13}$/ : /^\d{1,13}(\.\d{1,6})?$/;
  const read = (text) => {
    const isRight = pattern.test(text) && Number(text) >= least && Number(text) <= most;
    return isRight ? Number(text) : wrong(`a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
  };
  return { initial, shown: '<number>', read };
}

/** One of several words. */
const choice = (initial, known) => ({
  initial,
  shown: known.join('|'),
  read: (text) => (known.includes(text) ? text : wrong(`one of ${known.join(', ')}`)),
});

/** Some of several words, separated by commas; all by default. */
const list = (known, initial = known) => ({
  initial,
  shown: '<name>,<name>…',
  read: (text) => {
    const values = text.split(',').map((value) => value.trim());
    return values.every((value) => known.includes(value)) ? values : wrong(`some of ${known.join(',')}`);
  },
});

/** Any text. */
const text = (initial) => ({ initial, shown: '<text>', read: (value) => value });

/** A switch, off by default. */
const flag = () => ({ initial: false });

/**
 * Reads the command line. If it is invalid, prints why and the usage, and ends the process with exit code 2.
 * @param {Record<string, object>} options by name, each created by one of the functions above
 * @param {{ word?: object }} [rest] the option for a single word without a name
 * @returns {Record<string, any>} their values
 */
function readOptions(options, { word } = {}) {
  const command = path.relative(root, process.argv[1]).replaceAll(path.sep, '/');
  try {
    const types = Object.entries(options).map(([name, { shown }]) => [name, { type: shown ? 'string' : 'boolean' }]);
    const { values, positionals } = parseArgs({ options: Object.fromEntries(types), allowPositionals: word !== undefined });
    if (positionals.length > 1) throw new TypeError(`There is more than one word: ${positionals.join(' ')}`);
    const readOne = (name, { initial, read }, value) => {
      if (value === undefined || read === undefined) return value ?? initial;
      try {
        return read(value);
      } catch (cause) {
        throw new TypeError(`${name} must be ${cause.message}, but it is '${value}'`, { cause });
      }
    };
    const result = Object.entries(options).map(([name, option]) => [name, readOne(`--${name}`, option, values[name])]);
    return { ...Object.fromEntries(result), ...(word && { word: readOne('The first word', word, positionals[0]) }) };
  } catch (error) {
    const known = Object.entries(options).map(([name, { shown }]) => `[--${name}${shown ? ` ${shown}` : ''}]`);
    console.error([error.message, ['Usage: node', command, word?.shown, ...known].filter(Boolean).join(' ')].join('\n'));
    return process.exit(2);
  }
}

module.exports = { choice, flag, list, number, readOptions, text };
