'use strict';

module.exports = {
  client: 'mysql2',
  servers: ['mariadb'],

  async start({ load, ports }) {
    const mysql = load('mysql2');
    const pool = mysql.createPool({ host: '127.0.0.1', port: ports.mariadb, user: 'root', connectionLimit: 4 });
    const series = 'SELECT 1 UNION SELECT 2 UNION SELECT 3';

    const rows = [
      {
        kind: 'promise',
        api: 'pool.query, promise',
        ask: async ({ look }) => {
          await pool.promise().query('SELECT 1');
          look();
        },
      },
      {
        kind: 'callback',
        api: 'pool.query, callback',
        by: 'bind',
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
        api: 'pool.execute, callback',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region pool.execute, callback, by bind
          pool.execute(
            'SELECT ?',
            [1],
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
        api: 'pool.getConnection, callback',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region pool.getConnection, callback, by bind
          pool.getConnection(
            bind((error, connection) => {
              look();
              if (error) return done(error);
              return setImmediate(() => {
                connection.release();
                done();
              });
            }),
          );
          //#endregion
        },
      },
      {
        kind: 'promise',
        api: 'transaction, promises',
        ask: async ({ look }) => {
          const connection = await pool.promise().getConnection();
          look();
          for (const step of ['beginTransaction', 'commit']) {
            await connection[step]();
            look();
          }
          connection.release();
        },
      },
      {
        kind: 'events',
        api: 'query, events',
        by: 'add',
        ask({ look, add }, done) {
          //#region query, events, by add
          const query = add(pool.query(series));
          query.on('fields', look).on('result', look);
          query.on('error', done).on('end', () => {
            look();
            done();
          });
          //#endregion
        },
      },
      {
        kind: 'events',
        api: 'query.stream, events',
        by: 'add',
        ask({ look, add }, done) {
          //#region query.stream, events, by add
          const rowStream = add(pool.query(series).stream());
          rowStream.on('data', look);
          rowStream.on('error', done).on('end', () => {
            look();
            done();
          });
          //#endregion
        },
      },
    ];
    return { rows, stop: () => pool.promise().end() };
  },
};
