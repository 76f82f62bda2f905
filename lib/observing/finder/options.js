'use strict';

/** The options of the finder: those of the command, and as words of an environment variable, `als,include=pg`. */

const { parseArgs } = require('node:util');

const { withCode } = require('../../util/errors');

const SWITCHES = ['als', 'all', 'own', 'carriers', 'fail'];

const options = {
  ...Object.fromEntries(SWITCHES.map((name) => [name, { type: 'boolean' }])),
  include: { type: 'string', multiple: true },
  json: { type: 'string' },
};

/** @throws {TypeError} with code ERR_INVALID_ARG_VALUE */
function readWords(text) {
  const words = text.split(',').filter(Boolean);
  try {
    if (words.some((word) => word.endsWith('='))) throw new Error('A value is missing');
    return parseArgs({ options, args: words.map((word) => `--${word}`) }).values;
  } catch (cause) {
    const message = `CONTEXT_FINDER must be words such as ${SWITCHES},include=package,json=file, but it has '${text}'`;
    throw withCode(new TypeError(message, { cause }), 'ERR_INVALID_ARG_VALUE');
  }
}

const writeWords = ({ include = [], ...values }) =>
  [...SWITCHES.filter((name) => values[name]), ...include.map((name) => `include=${name}`)].join(',');

module.exports = { options, readWords, writeWords };
