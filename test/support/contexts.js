'use strict';

const assert = require('node:assert');

/** A context of a namespace, and a list of what is active at each of its ends. */
function counted(namespace) {
  const context = namespace.createContext();
  const ends = [];
  context.on('end', () => ends.push(namespace.active));
  return { context, ends };
}

/** Asserts that two lists have the same items, by identity: to deepStrictEqual all contexts are equal. */
function assertSame(actual, expected) {
  const differing = expected.findIndex((item, index) => item !== actual[index]);
  assert.deepStrictEqual([actual.length, differing], [expected.length, -1]);
}

/** A function that throws an error, or a new one with that message. */
function thrower(error = 'thrown') {
  return () => {
    throw typeof error === 'string' ? new Error(error) : error;
  };
}

module.exports = { assertSame, counted, thrower };
