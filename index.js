'use strict';

const { exportsOf } = require('./lib/copies');

module.exports = exportsOf('index', () => {
  const engine = require('./lib/engine');
  const { createNamespace, destroyNamespace, getNamespace, stats } = require('./lib/registry');
  return { createNamespace, destroyNamespace, engine: engine.name, getNamespace, stats };
});
