'use strict';

/**
 * Where the first copy of this package in a thread leaves its exports for the others, for as long as the API's major version
 * is the same: a library and an application that bring a copy each share their namespaces.
 */
const kShared = Symbol.for('context.v1');

function load() {
  const engine = require('./lib/engine');
  const { createNamespace, destroyNamespace, getNamespace, stats } = require('./lib/registry');
  return { createNamespace, destroyNamespace, engine: engine.name, getNamespace, stats };
}

if (process[kShared] === undefined) Object.defineProperty(process, kShared, { __proto__: null, value: load() });

module.exports = process[kShared];
