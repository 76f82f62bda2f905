'use strict';

const EVERY_SECOND = '* * * * * *';

module.exports = {
  client: 'node-cron',

  start({ load }) {
    const cron = load('node-cron');

    const rows = [
      {
        api: 'schedule, task',
        ask({ look }, done) {
          const task = cron.schedule(EVERY_SECOND, () => {
            look();
            task.destroy();
            done();
          });
        },
      },
      {
        api: 'task, events',
        ask({ look }, done) {
          const task = cron.schedule(EVERY_SECOND, () => {});
          task.on('execution:started', look);
          task.on('execution:finished', () => {
            look();
            task.destroy();
            done();
          });
        },
      },
    ];
    return { rows };
  },
};
