'use strict';

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
