'use strict';

const EVERY_SECOND = '* * * * * *';

module.exports = {
  client: 'node-cron',

  start({ load }) {
    const cron = load('node-cron');

    const rows = [
      {
        kind: 'callback',
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
        kind: 'events',
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
