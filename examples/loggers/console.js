'use strict';

const { format } = require('node:util');

const { createNamespace } = require('context');
const { instrument } = require('context/http');

const { serve } = require('./server');

const namespace = createNamespace('request');
instrument(namespace, { header: 'x-request-id' });

for (const method of ['debug', 'error', 'info', 'log', 'warn']) {
  const write = console[method];
  console[method] = (...args) => write('[%s] %s', namespace.get('id') ?? '-', format(...args));
}

serve((text) => console.log(text));
