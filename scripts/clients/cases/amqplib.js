'use strict';

module.exports = {
  client: 'amqplib',
  servers: ['rabbitmq'],
  instrumentation: 'AmqplibInstrumentation',

  async start({ load, ports }) {
    const place = `amqp://guest:guest@127.0.0.1:${ports.rabbitmq}`;
    const connection = await load('amqplib').connect(place);
    const channel = await connection.createChannel();
    const confirming = await connection.createConfirmChannel();
    const callbackConnection = await new Promise((resolve, reject) => {
      load('amqplib/callback_api').connect(place, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    const callbackChannel = await new Promise((resolve, reject) => {
      callbackConnection.createChannel((error, opened) => (error ? reject(error) : resolve(opened)));
    });

    const rows = [
      {
        kind: 'promise',
        api: 'channel, promise',
        ask: async ({ id, look }) => {
          const { queue } = await channel.assertQueue(id, { exclusive: true });
          look();
          await channel.deleteQueue(queue);
          look();
        },
      },
      {
        kind: 'callback',
        api: 'channel, callback',
        by: 'bind',
        ask({ id, look, bind }, done) {
          //#region channel, callback, by bind
          callbackChannel.assertQueue(
            id,
            { exclusive: true },
            bind((error) => {
              look();
              done(error);
            }),
          );
          //#endregion
        },
      },
      {
        kind: 'events',
        api: 'consume, consumer',
        by: 'bind',
        ask: async ({ id, look, bind }) => {
          //#region consume, consumer, by bind
          const { queue } = await channel.assertQueue(id, { exclusive: true });
          await new Promise((resolve, reject) => {
            const onMessage = bind((message) => {
              look();
              channel.ack(message);
              resolve();
            });
            channel.consume(queue, onMessage).then(() => channel.sendToQueue(queue, Buffer.from('news')), reject);
          });
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'confirm channel, callback',
        by: 'bind',
        instrumented: true,
        ask({ id, look, bind }, done) {
          //#region confirm channel, callback, by bind
          confirming.publish(
            '',
            `no queue ${id}`,
            Buffer.from('news'),
            {},
            bind((error) => {
              look();
              done(error);
            }),
          );
          //#endregion
        },
      },
    ];
    return {
      rows,
      async stop() {
        await connection.close();
        await new Promise((resolve) => callbackConnection.close(resolve));
      },
    };
  },
};
