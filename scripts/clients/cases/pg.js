'use strict';

const { once } = require('node:events');

module.exports = {
  client: 'pg',
  servers: ['postgres'],
  instrumentation: 'PgInstrumentation',

  async start({ load, ports }) {
    const { Client, Pool } = load('pg');
    const QueryStream = load('pg-query-stream');
    const place = { host: '127.0.0.1', port: ports.postgres, user: 'postgres', database: 'postgres' };
    const pool = new Pool({ ...place, max: 4 });
    const listener = new Client(place);
    await listener.connect();
    await listener.query('LISTEN news');
    listener.setMaxListeners(0);

    const rows = [
      {
        kind: 'promise',
        api: 'pool.query, promise',
        ask: async ({ look }) => {
          await pool.query('SELECT 1');
          look();
        },
      },
      {
        kind: 'callback',
        api: 'pool.query, callback',
        by: 'bind',
        instrumented: true,
        ask({ look, bind }, done) {
          //#region pool.query, callback, by bind
          pool.query(
            'SELECT 1',
            bind((error) => {
              look();
              done(error);
            }),
          );
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'pool.connect and client.query, callbacks',
        by: 'bind',
        instrumented: true,
        ask({ look, bind }, done) {
          //#region pool.connect and client.query, callbacks, by bind
          pool.connect(
            bind((failure, client, release) => {
              look();
              if (failure) return done(failure);
              return client.query(
                'SELECT 1',
                bind((error) => {
                  look();
                  release();
                  done(error);
                }),
              );
            }),
          );
          //#endregion
        },
      },
      {
        kind: 'promise',
        api: 'transaction, promises',
        ask: async ({ look }) => {
          const client = await pool.connect();
          look();
          for (const statement of ['BEGIN', 'SELECT 1', 'COMMIT']) {
            await client.query(statement);
            look();
          }
          client.release();
        },
      },
      {
        kind: 'events',
        api: 'pg-query-stream, events',
        by: 'add',
        ask: async ({ look, add }) => {
          //#region pg-query-stream, events, by add
          const client = await pool.connect();
          const rowStream = add(client.query(new QueryStream('SELECT * FROM generate_series(1, 30)', [], { batchSize: 10 })));
          rowStream.on('data', look);
          await once(rowStream.on('end', look), 'close');
          client.release();
          //#endregion
        },
      },
      {
        kind: 'promise',
        api: 'pg-query-stream, for await',
        ask: async ({ look }) => {
          const client = await pool.connect();
          const rowStream = client.query(new QueryStream('SELECT * FROM generate_series(1, 30)', [], { batchSize: 10 }));
          for await (const row of rowStream) look(row);
          client.release();
        },
      },
      {
        kind: 'events',
        api: 'notification, event',
        by: 'bind',
        ask({ id, look, bind }, done) {
          //#region notification, event, by bind
          const onNotification = bind(({ payload }) => {
            if (payload !== id) return;
            look();
            listener.off('notification', onNotification);
            done();
          });
          listener.on('notification', onNotification);
          pool.query(`SELECT pg_notify('news', '${id}')`).catch(done);
          //#endregion
        },
      },
    ];
    return { rows, stop: () => Promise.all([pool.end(), listener.end()]) };
  },
};
