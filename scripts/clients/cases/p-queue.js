'use strict';

const { setTimeout: delay } = require('node:timers/promises');

module.exports = {
  client: 'p-queue',

  start({ load }) {
    const PQueue = load('p-queue').default;
    const queue = new PQueue({ concurrency: 4 });

    const rows = [
      {
        api: 'add, promise',
        ask: async ({ look }) => {
          await queue.add(() => delay(1));
          look();
        },
      },
      {
        api: 'add, task',
        by: 'bind',
        ask: async ({ look, bind }) => {
          const task = bind(async () => {
            look();
            await delay(1);
            look();
          });
          await queue.add(task);
        },
      },
      {
        api: 'onIdle, promise',
        ask: async ({ look }) => {
          queue.add(() => delay(1));
          await queue.onIdle();
          look();
        },
      },
      {
        api: 'completed, event',
        by: 'bind',
        ask({ id, look, bind }, done) {
          const onCompleted = bind((result) => {
            if (result !== id) return;
            look();
            queue.off('completed', onCompleted);
            done();
          });
          queue.on('completed', onCompleted);
          queue.add(() => delay(1, id));
        },
      },
    ];
    return { rows };
  },
};
