'use strict';

const { callback, events, promise } = require('../rows');

const HOST = '127.0.0.1';

const redis = {
  servers: ['redis'],

  async setUp({ load, ports }) {
    const { createClient, createClientPool } = load('redis');
    const place = { url: `redis://${HOST}:${ports.redis}` };
    const client = await createClient(place).connect();
    const subscriber = await createClient(place).connect();
    const pool = await createClientPool(place, { minimum: 1, maximum: 4 }).connect();
    return { client, subscriber, pool, stop: () => Promise.all([client.close(), subscriber.close(), pool.close()]) };
  },

  rows: [
    promise('client, promise', ({ id, client, lookAfter }) => lookAfter(client.set(id, id))),
    promise('client.multi, promise', ({ id, client, lookAfter }) => lookAfter(client.multi().set(id, id).get(id).exec())),
    promise('pool, promise', ({ id, pool, lookAfter }) => lookAfter(pool.get(id))),
    callback('pool.execute, task', 'bind', ({ id, pool, lookAfter, lookFirst, bind }) => {
      const task = bind(lookFirst((pooled) => lookAfter(pooled.get(id))));
      return pool.execute(task);
    }),
    events('subscribe, listener', 'bind', ({ id, client, subscriber, bind }, { done, finish }) => {
      const onMessage = bind(() => finish());
      subscriber.subscribe(id, onMessage).then(() => client.publish(id, 'news'), done);
    }),
  ],
};

const ioredis = {
  servers: ['redis'],

  setUp({ load, ports }) {
    const { Redis } = load('ioredis');
    const [client, subscriber] = [0, 1].map(() => new Redis(ports.redis, HOST));
    subscriber.setMaxListeners(0);
    return { client, subscriber, stop: () => Promise.all([client.quit(), subscriber.quit()]) };
  },

  rows: [
    promise('commands, promise', ({ id, client, lookAfter }) => lookAfter(client.set(id, id))),
    callback('commands, callback', ({ id, client }, { finish }) => client.get(id, finish)),
    promise('pipeline.exec, promise', ({ id, client, lookAfter }) => lookAfter(client.pipeline().set(id, id).get(id).exec())),
    callback('pipeline.exec, callback', ({ id, client }, { finish }) => client.pipeline().get(id).exec(finish)),
    events('scanStream, events', ({ id, client, look }, { done, finish }) => {
      const keys = client.scanStream({ match: id });
      keys.on('data', look).on('error', done);
      keys.on('end', () => finish());
    }),
    events('message, event', 'bind', ({ id, client, subscriber, bind }, { done, finish }) => {
      const onMessage = bind((channel) => {
        if (channel !== id) return;
        subscriber.off('message', onMessage);
        finish();
      });
      subscriber.on('message', onMessage);
      subscriber.subscribe(id).then(() => client.publish(id, 'news'), done);
    }),
  ],
};

/** The requests that jobs are for, by id. The worker is in this process only so that it can find them: it has nothing but a job's data. */
const requests = new Map();

async function processJob({ data: { id, values } }) {
  const { restore, work } = requests.get(id) ?? {};
  await restore?.(values, work);
  return id;
}

async function addJob({ id, queue, values }) {
  return queue.add('order', { id, values: values() });
}

const bullmq = {
  servers: ['redis'],

  async setUp({ load, ports }) {
    const { Queue, QueueEvents, Worker } = load('bullmq');
    const options = { connection: { host: HOST, port: Number(ports.redis) } };
    const queue = new Queue('orders', options);
    const finished = new QueueEvents('orders', options);
    const worker = new Worker('orders', processJob, { ...options, concurrency: 4 });
    for (const emitter of [queue, finished, worker]) emitter.setMaxListeners(0);
    await Promise.all([queue, finished, worker].map((part) => part.waitUntilReady()));
    return { queue, finished, worker, stop: () => Promise.all([worker.close(), finished.close(), queue.close()]) };
  },

  rows: [
    promise('queue.add, promise', ({ id, queue, lookAfter }) => lookAfter(queue.add('order', { id }))),
    promise('job.waitUntilFinished, promise', async ({ id, queue, finished, lookAfter }) => {
      const job = await queue.add('order', { id });
      await lookAfter(job.waitUntilFinished(finished));
    }),
    events('completed, event of the worker', 'bind', ({ id, queue, worker, bind }, { done, finish }) => {
      const onCompleted = bind(({ data }) => {
        if (data.id !== id) return;
        worker.off('completed', onCompleted);
        finish();
      });
      worker.on('completed', onCompleted);
      queue.add('order', { id }).catch(done);
    }),
    callback('worker, task', { by: 'values in the job', code: [addJob, processJob] }, async (request) => {
      requests.set(request.id, request);
      const job = await addJob(request);
      await job.waitUntilFinished(request.finished);
      requests.delete(request.id);
    }),
  ],
};

const amqplib = {
  servers: ['rabbitmq'],
  instrumentation: 'AmqplibInstrumentation',

  async setUp({ load, ports }) {
    const place = `amqp://guest:guest@${HOST}:${ports.rabbitmq}`;
    const connection = await load('amqplib').connect(place);
    const channel = await connection.createChannel();
    const confirming = await connection.createConfirmChannel();
    const wait = (start) => new Promise((resolve, reject) => start((error, made) => (error ? reject(error) : resolve(made))));
    const other = await wait((opened) => load('amqplib/callback_api').connect(place, opened));
    const callbackChannel = await wait((opened) => other.createChannel(opened));
    const stop = async () => {
      await connection.close();
      await wait((closed) => other.close(closed));
    };
    return { channel, confirming, callbackChannel, stop };
  },

  rows: [
    promise('channel, promise', async ({ id, channel, lookAfter }) => {
      const { queue } = await lookAfter(channel.assertQueue(id, { exclusive: true }));
      await lookAfter(channel.deleteQueue(queue));
    }),
    callback('channel, callback', 'bind', ({ id, callbackChannel, bind }, { finish }) =>
      callbackChannel.assertQueue(id, { exclusive: true }, bind(finish)),
    ),
    events('consume, consumer', 'bind', async ({ id, channel, lookFirst, bind }) => {
      const { queue } = await channel.assertQueue(id, { exclusive: true });
      await new Promise((resolve, reject) => {
        const onMessage = bind(lookFirst((message) => resolve(channel.ack(message))));
        channel.consume(queue, onMessage).then(() => channel.sendToQueue(queue, Buffer.from('news')), reject);
      });
    }),
    callback('confirm channel, callback', { by: 'bind', instrumented: true }, ({ id, confirming, bind }, { finish }) =>
      confirming.publish('', `no queue ${id}`, Buffer.from('news'), {}, bind(finish)),
    ),
  ],
};

module.exports = { redis, ioredis, bullmq, amqplib };
