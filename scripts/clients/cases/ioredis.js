'use strict';

module.exports = {
  client: 'ioredis',
  servers: ['redis'],

  async start({ load, ports }) {
    const { Redis } = load('ioredis');
    const [redis, subscriber] = [0, 1].map(() => new Redis(ports.redis, '127.0.0.1'));
    subscriber.setMaxListeners(0);

    const rows = [
      {
        kind: 'promise',
        api: 'commands, promise',
        ask: async ({ id, look }) => {
          await redis.set(id, id);
          look();
        },
      },
      {
        kind: 'callback',
        api: 'commands, callback',
        ask({ id, look }, done) {
          redis.get(id, (error) => {
            look();
            done(error);
          });
        },
      },
      {
        kind: 'promise',
        api: 'pipeline.exec, promise',
        ask: async ({ id, look }) => {
          await redis.pipeline().set(id, id).get(id).exec();
          look();
        },
      },
      {
        kind: 'callback',
        api: 'pipeline.exec, callback',
        ask({ id, look }, done) {
          const pipeline = redis.pipeline().get(id);
          pipeline.exec((error) => {
            look();
            done(error);
          });
        },
      },
      {
        kind: 'events',
        api: 'scanStream, events',
        ask({ id, look }, done) {
          const keys = redis.scanStream({ match: id });
          keys.on('data', look);
          keys.on('error', done).on('end', () => {
            look();
            done();
          });
        },
      },
      {
        kind: 'events',
        api: 'message, event',
        by: 'bind',
        ask({ id, look, bind }, done) {
          //#region message, event, by bind
          const onMessage = bind((channel) => {
            if (channel !== id) return;
            look();
            subscriber.off('message', onMessage);
            done();
          });
          subscriber.on('message', onMessage);
          subscriber.subscribe(id).then(() => redis.publish(id, 'news'), done);
          //#endregion
        },
      },
    ];
    return { rows, stop: () => Promise.all([redis.quit(), subscriber.quit()]) };
  },
};
