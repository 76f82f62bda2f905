'use strict';

const { refuseElsewhere } = require('../../util/runtime');

refuseElsewhere(
  'context/domain',
  'a domain gets errors at the place where Node.js reports them, and other runtimes report them elsewhere, so that it would get none. ' +
    "Run it on Node.js, or handle errors where they happen: try and catch, a listener of 'error', process.on('uncaughtException').",
);

const { Domain } = require('./domain');
const { top } = require('./stack');

/** Creates a domain without entering it. */
function create() {
  return new Domain();
}

module.exports = {
  Domain,
  create,
  createDomain: create,

  /** The active domain; undefined outside all domains. */
  get active() {
    return top()?.domain;
  },
};
