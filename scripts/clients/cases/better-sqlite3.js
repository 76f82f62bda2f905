'use strict';

module.exports = {
  client: 'better-sqlite3',
  // It says so itself. Its binaries come with it.
  since: 22,

  start({ load }) {
    const Database = load('better-sqlite3');
    const db = new Database(':memory:');
    const looks = [];
    db.function('look', (index) => {
      looks[index]();
      return index;
    });

    const rows = [
      {
        kind: 'promise',
        api: 'statements, synchronous',
        ask: async ({ look }) => {
          await null;
          db.prepare('SELECT 1').get();
          look();
        },
      },
      {
        kind: 'callback',
        api: 'functions that SQL calls',
        ask: async ({ index, look }) => {
          looks[index] = look;
          await null;
          db.prepare('SELECT look(?)').get(index);
        },
      },
      {
        kind: 'promise',
        api: 'transaction, synchronous',
        ask: async ({ look }) => {
          await null;
          db.transaction(() => {
            db.prepare('SELECT 1').get();
            look();
          })();
        },
      },
    ];
    return { rows, stop: () => db.close() };
  },
};
