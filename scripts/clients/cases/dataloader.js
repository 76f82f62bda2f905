'use strict';

const { setTimeout: delay } = require('node:timers/promises');

module.exports = {
  client: 'dataloader',

  start({ load }) {
    const DataLoader = load('dataloader');
    //#region batch function, a loader for all requests, by snapshot
    const batch = async (keys) => {
      for (const { look, run } of keys) run(look);
      await delay(1);
      for (const { look, run } of keys) run(look);
      return keys;
    };
    const shared = new DataLoader(batch, { cache: false, maxBatchSize: 25 });
    //#endregion

    const rows = [
      {
        kind: 'promise',
        api: 'load, promise',
        ask: async ({ look }) => {
          await shared.load({ look() {}, run() {} });
          look();
        },
      },
      {
        kind: 'callback',
        api: 'batch function, a loader for each request',
        ask: async ({ look, snapshot }) => {
          const loader = new DataLoader(batch, { cache: false });
          const run = snapshot();
          await loader.loadMany([
            { look, run },
            { look, run },
          ]);
        },
      },
      {
        kind: 'callback',
        api: 'batch function, a loader for all requests',
        by: 'snapshot',
        ask: async ({ look, snapshot }) => {
          //#region batch function, a loader for all requests, by snapshot
          await shared.load({ look, run: snapshot() });
          //#endregion
        },
      },
    ];
    return { rows };
  },
};
