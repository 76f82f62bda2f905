'use strict';

const { createNamespace } = require('context');
const { instrument } = require('context/http');
const pino = require('pino');

const { serve } = require('./server');

const namespace = createNamespace('request');
instrument(namespace, { header: 'x-request-id' });

const logger = pino({
  mixin: () => namespace.toObject(),
  // For lines that are the same each time.
  base: null,
  timestamp: false,
});

serve((text) => logger.info(text));
