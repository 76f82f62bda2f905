'use strict';

const { withCode } = require('../../util/errors');
const { isNode, runtime } = require('../../util/runtime');

if (!isNode) {
  throw withCode(
    new Error(
      `context/domain does not work on ${runtime}: a domain gets errors at the place where Node.js reports them, and other ` +
        `runtimes report them elsewhere, so that it would get none. Run it on Node.js, or handle errors where they happen: ` +
        `try and catch, a listener of 'error', process.on('uncaughtException').`,
    ),
    'ERR_CONTEXT_RUNTIME',
  );
}

const { Domain } = require('./domain');
const { top } = require('./stack');

/**
 * Makes a domain, without entering it.
 *
 * @returns {Domain}
 */
function create() {
  return new Domain();
}

module.exports = {
  Domain,
  create,
  createDomain: create,

  /** The active domain; undefined if there is none. */
  get active() {
    return top()?.domain;
  },
};
