'use strict';

const { ContextManager } = require('./context-manager');

module.exports = { ContextManager };
