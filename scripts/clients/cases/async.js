'use strict';

module.exports = {
  client: 'async',

  start({ load }) {
    const async = load('async');
    //#region queue, task, by snapshot
    const queue = async.queue(({ look, run }, callback) => {
      run(look);
      setTimeout(callback, 1);
    }, 4);
    //#endregion
    //#region cargo, task, by snapshot
    const cargo = async.cargo((tasks, callback) => {
      for (const { look, run } of tasks) run(look);
      setTimeout(callback, 1);
    }, 10);
    //#endregion
    //#region memoize, callback, by bind
    const remember = async.memoize((key, callback) => setTimeout(callback, 5, null, key));
    //#endregion
    const idle = { look() {}, run() {} };
    let memos = 0;

    const rows = [
      {
        kind: 'promise',
        api: 'queue.push, promise',
        ask: async ({ look }) => {
          await queue.pushAsync(idle);
          look();
        },
      },
      {
        kind: 'callback',
        api: 'queue.push, callback',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region queue.push, callback, by bind
          queue.push(
            idle,
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
        api: 'queue, task',
        by: 'snapshot',
        ask({ look, snapshot }, done) {
          //#region queue, task, by snapshot
          queue.push({ look, run: snapshot() }, done);
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'cargo, task',
        by: 'snapshot',
        ask({ look, snapshot }, done) {
          //#region cargo, task, by snapshot
          cargo.push({ look, run: snapshot() }, done);
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'memoize, callback',
        by: 'bind',
        ask({ index, look, bind }, done) {
          if (index === 0) memos++;
          //#region memoize, callback, by bind
          const callback = bind((error) => {
            look();
            done(error);
          });
          remember(`all requests ask for this ${memos}`, callback);
          //#endregion
        },
      },
      {
        kind: 'promise',
        api: 'mapLimit, task and promise',
        ask: async ({ look }) => {
          await async.mapLimit([1, 2, 3], 2, async () => look());
          look();
        },
      },
    ];
    return { rows };
  },
};
