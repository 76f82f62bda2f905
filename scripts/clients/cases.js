'use strict';

const path = require('node:path');

/** The names of the cases, in the order of the docs. */
const CASES = [
  ...[
    'pg',
    'mysql2',
    'redis',
    'ioredis',
    'knex',
    'sequelize',
    'sequelize-cls',
    'typeorm',
    'better-sqlite3',
    'bullmq',
    'amqplib',
  ],
  ...['undici', 'got', 'axios', 'socket.io', 'ws'],
  ...['p-limit', 'p-queue', 'generic-pool', 'dataloader', 'graphql', 'rxjs', 'bluebird', 'async', 'node-cron'],
];

/**
 * A case by its name.
 *
 * @param {string} name
 * @returns {{ client: string, beside?: string, since?: number, servers?: string[], instrumentation?: string, start: Function }} the
 *   package that it is about, and what is tried together with it; the first Node.js that the client runs on; the servers that it
 *   needs; the class of OpenTelemetry that instruments it. `start({ load, ports })` returns its rows, and `stop`. Each row has the
 *   `kind` and the name of an `api`, `ask` as `measure` takes it, what it is repaired `by`, and whether it is repaired too if it
 *   is `instrumented`
 */
const caseOf = (name) => require(path.join(__dirname, 'cases', name));

module.exports = { CASES, caseOf };
