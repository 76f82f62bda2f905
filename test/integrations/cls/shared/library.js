'use strict';

/**
 * The library that the tests of this folder run against: `context/cls`, or if oracle.test.js says so cls-hooked,
 * which shows that what they expect is what cls-hooked does.
 */
const cls = require(process.env.CLS_LIBRARY || 'context/cls');

let count = 0;

/** A namespace that no other test has. */
function newNamespace() {
  return cls.createNamespace(`shared ${++count}`);
}

module.exports = { cls, newNamespace };
