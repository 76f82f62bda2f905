'use strict';

const { once } = require('node:events');

const { callback, events, promise } = require('../rows');

const postgres = ({ postgres: port }) => ({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
const SERIES = 'SELECT * FROM generate_series(1, 30)';
const UNION = 'SELECT 1 UNION SELECT 2 UNION SELECT 3';

const pg = {
  servers: ['postgres'],
  instrumentation: 'PgInstrumentation',

  async setUp({ load, ports }) {
    const { Client, Pool } = load('pg');
    const QueryStream = load('pg-query-stream');
    const pool = new Pool({ ...postgres(ports), max: 4 });
    const listener = new Client(postgres(ports));
    await listener.connect();
    await listener.query('LISTEN news');
    listener.setMaxListeners(0);
    const series = () => new QueryStream(SERIES, [], { batchSize: 10 });
    return { pool, listener, series, stop: () => Promise.all([pool.end(), listener.end()]) };
  },

  rows: [
    promise('pool.query, promise', ({ pool, lookAfter }) => lookAfter(pool.query('SELECT 1'))),
    callback('pool.query, callback', { by: 'bind', instrumented: true }, ({ pool, bind }, { finish }) =>
      pool.query('SELECT 1', bind(finish)),
    ),
    callback(
      'pool.connect and client.query, callbacks',
      { by: 'bind', instrumented: true },
      ({ pool, lookFirst, bind }, { done, finish }) => {
        const query = (client, release) => {
          const onResult = bind((error) => {
            release();
            finish(error);
          });
          client.query('SELECT 1', onResult);
        };
        pool.connect(bind(lookFirst((error, ...rest) => (error ? done(error) : query(...rest)))));
      },
    ),
    promise('transaction, promises', async ({ pool, lookAfter }) => {
      const client = await lookAfter(pool.connect());
      for (const statement of ['BEGIN', 'SELECT 1', 'COMMIT']) await lookAfter(client.query(statement));
      client.release();
    }),
    events('pg-query-stream, events', 'add', async ({ pool, series, look, add }) => {
      const client = await pool.connect();
      const rowStream = add(client.query(series()));
      rowStream.on('data', look);
      await once(rowStream.on('end', look), 'close');
      client.release();
    }),
    promise('pg-query-stream, for await', async ({ pool, series, look }) => {
      const client = await pool.connect();
      for await (const row of client.query(series())) look(row);
      client.release();
    }),
    events('notification, event', 'bind', ({ id, pool, listener, bind }, { done, finish }) => {
      const onNotification = bind(({ payload }) => {
        if (payload !== id) return;
        listener.off('notification', onNotification);
        finish();
      });
      listener.on('notification', onNotification);
      pool.query(`SELECT pg_notify('news', '${id}')`).catch(done);
    }),
  ],
};

const mysql2 = {
  servers: ['mariadb'],

  setUp({ load, ports }) {
    const place = { host: '127.0.0.1', port: ports.mariadb, user: 'root' };
    const pool = load('mysql2').createPool({ ...place, connectionLimit: 4 });
    return { pool, stop: () => pool.promise().end() };
  },

  rows: [
    promise('pool.query, promise', ({ pool, lookAfter }) => lookAfter(pool.promise().query('SELECT 1'))),
    callback('pool.query, callback', 'bind', ({ pool, bind }, { finish }) => pool.query('SELECT 1', bind(finish))),
    callback('pool.execute, callback', 'bind', ({ pool, bind }, { finish }) => pool.execute('SELECT ?', [1], bind(finish))),
    callback('pool.getConnection, callback', 'bind', ({ pool, lookFirst, bind }, { done }) => {
      const release = (connection) => done(connection.release());
      const onConnection = (error, connection) => (error ? done(error) : setImmediate(release, connection));
      pool.getConnection(bind(lookFirst(onConnection)));
    }),
    promise('transaction, promises', async ({ pool, lookAfter }) => {
      const connection = await lookAfter(pool.promise().getConnection());
      for (const step of ['beginTransaction', 'commit']) await lookAfter(connection[step]());
      connection.release();
    }),
    events('query, events', 'add', ({ pool, look, add }, { done, finish }) => {
      const query = add(pool.query(UNION));
      query.on('fields', look).on('result', look).on('error', done);
      query.on('end', () => finish());
    }),
    events('query.stream, events', 'add', ({ pool, look, add }, { done, finish }) => {
      const rowStream = add(pool.query(UNION).stream());
      rowStream.on('data', look).on('error', done);
      rowStream.on('end', () => finish());
    }),
  ],
};

const knex = {
  servers: ['postgres'],

  setUp({ load, ports }) {
    const db = load('knex').knex({ client: 'pg', connection: postgres(ports), pool: { min: 0, max: 4 } });
    return { db, select: () => db.select(db.raw('1 AS a')), stop: () => db.destroy() };
  },

  rows: [
    promise('builder, promise', ({ select, lookAfter }) => lookAfter(select())),
    callback('builder, asCallback', ({ select }, { finish }) => select().asCallback(finish)),
    callback('transaction, task', ({ db, lookAfter, lookFirst }) =>
      db.transaction(lookFirst((transaction) => lookAfter(transaction.raw('SELECT 1')))),
    ),
    events('builder, query and query-response events', async ({ select, look }) => {
      await select().on('query', look).on('query-response', look);
    }),
    events('builder.stream, events', 'add', async ({ db, look, add }) => {
      const rowStream = add(db.raw(SERIES).stream({ batchSize: 10 }));
      await once(rowStream.on('data', look).on('end', look), 'end');
    }),
    promise('builder.stream, for await', async ({ db, look }) => {
      for await (const row of db.raw(SERIES).stream({ batchSize: 10 })) look(row);
    }),
  ],
};

const sqlite = {
  // Its package.json requires it. Its binaries come with it.
  since: 22,

  setUp({ load }) {
    const Database = load('better-sqlite3');
    const db = new Database(':memory:');
    const looks = [];
    db.function('look', (index) => {
      looks[index]();
      return index;
    });
    return { db, looks, select: () => db.prepare('SELECT 1').get(), stop: () => db.close() };
  },

  rows: [
    promise('statements, synchronous', async ({ select, look }) => {
      await null;
      select();
      look();
    }),
    callback('functions that SQL calls', async ({ index, db, looks, look }) => {
      looks[index] = look;
      await null;
      db.prepare('SELECT look(?)').get(index);
    }),
    promise('transaction, synchronous', async ({ db, select, look }) => {
      await null;
      db.transaction(() => {
        select();
        look();
      })();
    }),
  ],
};

module.exports = { UNION, pg, mysql2, knex, postgres, sqlite };
