'use strict';

/**
 * The clients, by name, in the order of the docs. Each case has
 *
 *   client, beside    the package that it is about, if that is not its name; what is tried together with it
 *   since, servers    the first Node.js that the client runs on, if that is not every one; the servers that it needs
 *   instrumentation   the class of OpenTelemetry that instruments it
 *   setUp             makes, of `{ load, ports }`, what the requests use, and `stop`
 *   rows              its APIs, made by `promise`, `callback` and `events`: that is the kind of code that may see its own request or not.
 *                     A row has its name, what it is repaired by (or `{ by, instrumented, code }`: whether OpenTelemetry repairs it too; the
 *                     functions that the docs show, if it is not this one), and what a request does, see `measure` in requests.js
 */

const { pg, mysql2, knex, sqlite } = require('./databases');
const { redis, ioredis, bullmq, amqplib } = require('./messages');

module.exports = {
  ...{ pg, mysql2, redis, ioredis, knex },
  ...require('./orm'),
  ...{ 'better-sqlite3': sqlite, bullmq, amqplib },
  ...require('./http'),
  ...require('./sockets'),
  ...require('./tasks'),
};
