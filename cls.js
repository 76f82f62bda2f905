'use strict';

/** Where the first copy of this package in a thread leaves these exports for the others, as index.js does with its. */
const kShared = Symbol.for('context.cls.v1');

if (process[kShared] === undefined) {
  Object.defineProperty(process, kShared, { __proto__: null, value: require('./lib/cls') });
}

module.exports = process[kShared];
