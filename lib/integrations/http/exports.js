'use strict';

const { hono, koa, middleware, plugin } = require('./frameworks');
const { instrument } = require('./instrument');
const { routeOf } = require('./route');

module.exports = { hono, instrument, koa, middleware, plugin, routeOf };
