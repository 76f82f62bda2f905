'use strict';

const { setTimeout: delay } = require('node:timers/promises');

module.exports = {
  client: 'p-limit',

  start({ load }) {
    const limit = load('p-limit').default(4);

    const rows = [
      {
        kind: 'promise',
        api: 'promise',
        ask: async ({ look }) => {
          await limit(() => delay(1));
          look();
        },
      },
      {
        kind: 'callback',
        api: 'task',
        ask: async ({ look }) => {
          await limit(async () => {
            look();
            await delay(1);
            look();
          });
        },
      },
      {
        kind: 'callback',
        api: 'limit.map, task',
        ask: async ({ look }) => {
          await limit.map([1, 2], async () => {
            look();
            await delay(1);
            look();
          });
        },
      },
    ];
    return { rows };
  },
};
