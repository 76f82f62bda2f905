'use strict';

module.exports = {
  client: 'bullmq',
  servers: ['redis'],

  async start({ load, ports }) {
    const { Queue, QueueEvents, Worker } = load('bullmq');
    const options = { connection: { host: '127.0.0.1', port: Number(ports.redis) } };
    const queue = new Queue('orders', options);
    const events = new QueueEvents('orders', options);
    for (const emitter of [queue, events]) emitter.setMaxListeners(0);
    const requests = new Map();

    // The worker is in this process so that it can ask the request that the job is for; it has nothing of it but the job's data.
    //#region worker, task, by values in the job
    const process = async ({ data: { id, values } }) => {
      const { look, restore } = requests.get(id) ?? {};
      await restore?.(values, async () => {
        look();
        await null;
        look();
      });
      return id;
    };
    const worker = new Worker('orders', process, { ...options, concurrency: 4 });
    //#endregion
    worker.setMaxListeners(0);
    await Promise.all([queue, events, worker].map((part) => part.waitUntilReady()));

    const rows = [
      {
        kind: 'promise',
        api: 'queue.add, promise',
        ask: async ({ id, look }) => {
          await queue.add('order', { id });
          look();
        },
      },
      {
        kind: 'promise',
        api: 'job.waitUntilFinished, promise',
        ask: async ({ id, look }) => {
          const job = await queue.add('order', { id });
          await job.waitUntilFinished(events);
          look();
        },
      },
      {
        kind: 'events',
        api: 'completed, event of the worker',
        by: 'bind',
        ask({ id, look, bind }, done) {
          //#region completed, event of the worker, by bind
          const onCompleted = bind(({ data }) => {
            if (data.id !== id) return;
            look();
            worker.off('completed', onCompleted);
            done();
          });
          worker.on('completed', onCompleted);
          queue.add('order', { id }).catch(done);
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'worker, task',
        by: 'values in the job',
        ask: async ({ id, look, values, restore }) => {
          requests.set(id, { look, restore });
          //#region worker, task, by values in the job
          const job = await queue.add('order', { id, values: values() });
          //#endregion
          await job.waitUntilFinished(events);
          requests.delete(id);
        },
      },
    ];
    return { rows, stop: () => Promise.all([worker.close(), events.close(), queue.close()]) };
  },
};
