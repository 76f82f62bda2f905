'use strict';

module.exports = {
  client: 'redis',
  servers: ['redis'],

  async start({ load, ports }) {
    const { createClient, createClientPool } = load('redis');
    const place = { url: `redis://127.0.0.1:${ports.redis}` };
    const client = await createClient(place).connect();
    const subscriber = await createClient(place).connect();
    const pool = await createClientPool(place, { minimum: 1, maximum: 4 }).connect();

    const rows = [
      {
        kind: 'promise',
        api: 'client, promise',
        ask: async ({ id, look }) => {
          await client.set(id, id);
          look();
        },
      },
      {
        kind: 'promise',
        api: 'client.multi, promise',
        ask: async ({ id, look }) => {
          await client.multi().set(id, id).get(id).exec();
          look();
        },
      },
      {
        kind: 'promise',
        api: 'pool, promise',
        ask: async ({ id, look }) => {
          await pool.get(id);
          look();
        },
      },
      {
        kind: 'callback',
        api: 'pool.execute, task',
        by: 'bind',
        ask: ({ id, look, bind }) => {
          //#region pool.execute, task, by bind
          const task = bind(async (pooled) => {
            look();
            await pooled.get(id);
            look();
          });
          return pool.execute(task);
          //#endregion
        },
      },
      {
        kind: 'events',
        api: 'subscribe, listener',
        by: 'bind',
        ask({ id, look, bind }, done) {
          //#region subscribe, listener, by bind
          const onMessage = bind(() => {
            look();
            done();
          });
          subscriber.subscribe(id, onMessage).then(() => client.publish(id, 'news'), done);
          //#endregion
        },
      },
    ];
    return { rows, stop: () => Promise.all([client.close(), subscriber.close(), pool.close()]) };
  },
};
