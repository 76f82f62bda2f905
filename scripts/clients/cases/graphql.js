'use strict';

const { setTimeout: delay } = require('node:timers/promises');

module.exports = {
  client: 'graphql',
  beside: 'dataloader',

  start({ load }) {
    const DataLoader = load('dataloader');
    const { buildSchema, graphql } = load('graphql');
    const schema = buildSchema('type Query { user(id: Int): User } type User { name: String, friends: [User] }');
    //#region batch function, a loader for all requests, by snapshot
    const batch = async (keys) => {
      await delay(1);
      for (const { look, run } of keys) run(look);
      return keys.map(({ id }) => id);
    };
    const shared = new DataLoader(batch, { cache: false, maxBatchSize: 25 });
    //#endregion
    const query = '{ user(id: 1) { name friends { name } } }';

    /** What resolves the fields of a user. `ids` loads the names. */
    function user(id, ids, look) {
      return {
        name: async () => {
          look();
          const found = await ids(id);
          look();
          return `user ${found}`;
        },
        friends: async () => {
          await delay(1);
          look();
          return [id + 1, id + 2].map((friend) => user(friend, ids, look));
        },
      };
    }

    async function answer(ids, look) {
      const { errors } = await graphql({ schema, source: query, rootValue: { user: ({ id }) => user(id, ids, look) } });
      if (errors) throw errors[0];
    }

    const rows = [
      {
        kind: 'promise',
        api: 'resolvers and promise',
        ask: async ({ look }) => {
          await answer((id) => shared.load({ id, look() {}, run() {} }), look);
          look();
        },
      },
      {
        kind: 'callback',
        api: 'batch function, a loader for each request',
        ask: async ({ look, snapshot }) => {
          const loader = new DataLoader(batch, { cache: false });
          const run = snapshot();
          await answer(
            (id) => loader.load({ id, look, run }),
            () => {},
          );
        },
      },
      {
        kind: 'callback',
        api: 'batch function, a loader for all requests',
        by: 'snapshot',
        ask: async ({ look, snapshot }) => {
          //#region batch function, a loader for all requests, by snapshot
          await answer(
            (id) => shared.load({ id, look, run: snapshot() }),
            () => {},
          );
          //#endregion
        },
      },
    ];
    return { rows };
  },
};
