'use strict';

const { ContextManager } = require('./lib/opentelemetry/context-manager');

module.exports = { ContextManager };
