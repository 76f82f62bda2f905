'use strict';

const { refuseElsewhere } = require('../../util/runtime');

refuseElsewhere(
  'context/domain',
  'domains receive errors from the function with which Node.js reports them. Other runtimes report errors differently, so ' +
    'domains would receive none. Run it on Node.js, or handle errors directly: with try and catch, a listener for error events, or ' +
    "process.on('uncaughtException').",
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
