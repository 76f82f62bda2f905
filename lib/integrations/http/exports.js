'use strict';

const { hono, koa, middleware, plugin } = require('./frameworks');
const { instrument } = require('./instrument');

module.exports = { hono, instrument, koa, middleware, plugin };
