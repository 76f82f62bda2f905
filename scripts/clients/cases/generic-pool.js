'use strict';

const { setTimeout: delay } = require('node:timers/promises');

module.exports = {
  client: 'generic-pool',

  start({ load }) {
    const { createPool } = load('generic-pool');
    const factory = { create: () => delay(1, {}), destroy: async () => {} };
    const pool = createPool(factory, { max: 4 });

    const rows = [
      {
        kind: 'promise',
        api: 'acquire, promise',
        ask: async ({ look }) => {
          const resource = await pool.acquire();
          look();
          await delay(1);
          await pool.release(resource);
          look();
        },
      },
      {
        kind: 'callback',
        api: 'use, task',
        ask: async ({ look }) => {
          await pool.use(async () => {
            look();
            await delay(1);
            look();
          });
        },
      },
    ];
    return {
      rows,
      async stop() {
        await pool.drain();
        await pool.clear();
      },
    };
  },
};
