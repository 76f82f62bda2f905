'use strict';

/** The options of the finder as words of an environment variable: `als,include=pg`. */

const { withCode } = require('../../util/errors');

const SWITCHES = ['als', 'all', 'own', 'carriers', 'fail'];

/** @throws {TypeError} with code ERR_INVALID_ARG_VALUE */
function readWords(text) {
  const options = { include: [] };
  for (const word of text.split(',').filter(Boolean)) {
    const [name, value] = word.split('=', 2);
    if (SWITCHES.includes(name) && value === undefined) options[name] = true;
    else if (name === 'include' && value) options.include.push(value);
    else if (name === 'json' && value) options.json = value;
    else {
      const message = `CONTEXT_FINDER must be words such as ${SWITCHES.join(',')},include=package,json=file, but it has '${word}'`;
      throw withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
    }
  }
  return options;
}

function writeWords({ include = [], ...switches }) {
  return [...SWITCHES.filter((name) => switches[name]), ...include.map((name) => `include=${name}`)].join(',');
}

module.exports = { SWITCHES, readWords, writeWords };
