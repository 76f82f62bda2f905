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
        api: 'pool.query, promise',
        ask: async ({ look }) => {
          await pool.promise().query('SELECT 1');
          look();
        },
      },
      {
        api: 'pool.query, callback',
        by: 'bind',
        ask({ look, bind }, done) {
          pool.query(
            'SELECT 1',
            bind((error) => {
              look();
              done(error);
            }),
          );
        },
      },
      {
        api: 'pool.execute, callback',
        by: 'bind',
        ask({ look, bind }, done) {
          pool.execute(
            'SELECT ?',
            [1],
            bind((error) => {
              look();
              done(error);
            }),
          );
        },
      },
      {
        api: 'pool.getConnection, callback',
        by: 'bind',
        ask({ look, bind }, done) {
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
        },
      },
      {
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
        api: 'query, events',
        by: 'add',
        ask({ look, add }, done) {
          const query = add(pool.query(series));
          query.on('fields', look).on('result', look);
          query.on('error', done).on('end', () => {
            look();
            done();
          });
        },
      },
      {
        api: 'query.stream, events',
        by: 'add',
        ask({ look, add }, done) {
          const rowStream = add(pool.query(series).stream());
          rowStream.on('data', look);
          rowStream.on('error', done).on('end', () => {
            look();
            done();
          });
        },
      },
    ];
    return { rows, stop: () => pool.promise().end() };
  },
};
