'use strict';

const { exportsOf } = require('./lib/copies');

module.exports = exportsOf('opentelemetry', () => {
  const { ContextManager } = require('./lib/opentelemetry/context-manager');
  return { ContextManager };
});
