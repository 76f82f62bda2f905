'use strict';

const { setTimeout: delay } = require('node:timers/promises');

module.exports = {
  client: 'p-queue',

  start({ load }) {
    const PQueue = load('p-queue').default;
    const queue = new PQueue({ concurrency: 4 });

    const rows = [
      {
        kind: 'promise',
        api: 'add, promise',
        ask: async ({ look }) => {
          await queue.add(() => delay(1));
          look();
        },
      },
      {
        kind: 'callback',
        api: 'add, task',
        by: 'bind',
        ask: async ({ look, bind }) => {
          //#region add, task, by bind
          const task = bind(async () => {
            look();
            await delay(1);
            look();
          });
          await queue.add(task);
          //#endregion
        },
      },
      {
        kind: 'promise',
        api: 'onIdle, promise',
        ask: async ({ look }) => {
          queue.add(() => delay(1));
          await queue.onIdle();
          look();
        },
      },
      {
        kind: 'events',
        api: 'completed, event',
        by: 'bind',
        ask({ id, look, bind }, done) {
          //#region completed, event, by bind
          const onCompleted = bind((result) => {
            if (result !== id) return;
            look();
            queue.off('completed', onCompleted);
            done();
          });
          queue.on('completed', onCompleted);
          queue.add(() => delay(1, id));
          //#endregion
        },
      },
    ];
    return { rows };
  },
};
