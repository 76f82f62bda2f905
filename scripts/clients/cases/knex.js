'use strict';

const { once } = require('node:events');

module.exports = {
  client: 'knex',
  servers: ['postgres'],

  async start({ load, ports }) {
    const { knex } = load('knex');
    const connection = { host: '127.0.0.1', port: ports.postgres, user: 'postgres', database: 'postgres' };
    const db = knex({ client: 'pg', connection, pool: { min: 0, max: 4 } });
    const select = () => db.select(db.raw('1 AS a'));

    const rows = [
      {
        kind: 'promise',
        api: 'builder, promise',
        ask: async ({ look }) => {
          await select();
          look();
        },
      },
      {
        kind: 'callback',
        api: 'builder, asCallback',
        ask({ look }, done) {
          select().asCallback((error) => {
            look();
            done(error);
          });
        },
      },
      {
        kind: 'callback',
        api: 'transaction, task',
        ask: async ({ look }) => {
          await db.transaction(async (transaction) => {
            look();
            await transaction.raw('SELECT 1');
            look();
          });
        },
      },
      {
        kind: 'events',
        api: 'builder, query and query-response events',
        ask: async ({ look }) => {
          await select().on('query', look).on('query-response', look);
        },
      },
      {
        kind: 'events',
        api: 'builder.stream, events',
        by: 'add',
        ask: async ({ look, add }) => {
          //#region builder.stream, events, by add
          const rowStream = add(db.raw('SELECT * FROM generate_series(1, 30)').stream({ batchSize: 10 }));
          await once(rowStream.on('data', look).on('end', look), 'end');
          //#endregion
        },
      },
      {
        kind: 'promise',
        api: 'builder.stream, for await',
        ask: async ({ look }) => {
          for await (const row of db.raw('SELECT * FROM generate_series(1, 30)').stream({ batchSize: 10 })) look(row);
        },
      },
    ];
    return { rows, stop: () => db.destroy() };
  },
};
