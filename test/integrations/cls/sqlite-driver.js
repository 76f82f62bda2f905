'use strict';

const { Database: Connection } = require('node-sqlite3-wasm');

/** What Sequelize 6 takes from the package sqlite3, over SQLite in WebAssembly, which needs no build. */
class Database {
  #connection;

  constructor(filename, mode, callback) {
    this.filename = filename;
    this.#connection = new Connection(filename);
    setImmediate(callback, null);
  }

  serialize(callback) {
    callback();
  }

  all(sql, ...rest) {
    this.#query((values) => ({ rows: this.#connection.all(sql, values) }), rest);
  }

  run(sql, ...rest) {
    this.#query((values) => {
      const { changes, lastInsertRowid } = this.#connection.run(sql, values);
      return { changes, lastID: lastInsertRowid };
    }, rest);
  }

  close(callback) {
    this.#connection.close();
    if (callback) setImmediate(callback, null);
  }

  /** Calls back as sqlite3 does: later, with the outcome of the statement as `this`. */
  #query(execute, rest) {
    const callback = rest.pop() ?? (() => {});
    const [values] = rest;
    setImmediate(() => {
      let statement;
      try {
        statement = execute(Array.isArray(values) ? values : { ...values });
      } catch (error) {
        if (error.message.includes('constraint failed')) error.code = 'SQLITE_CONSTRAINT';
        callback.call({}, error);
        return;
      }
      callback.call(statement, null, statement.rows);
    });
  }
}

module.exports = { Database, OPEN_CREATE: 4, OPEN_READWRITE: 2 };
