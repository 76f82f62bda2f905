'use strict';

const { createNamespace } = require('context');
const { instrument } = require('context/http');
const winston = require('winston');

const { serve } = require('./server');

const namespace = createNamespace('request');
instrument(namespace, { header: 'x-request-id' });

const logger = winston.createLogger({
  // winston reads it for each line, right when that is logged.
  defaultMeta: {
    get id() {
      return namespace.get('id');
    },
  },
  format: winston.format.json(),
  transports: [new winston.transports.Console()],
});

serve((text) => logger.info(text));
