'use strict';

/**
 * Libraries that keep the contexts of requests that are over: `hold` starts something in the context of each, and `line` fits what must be said of
 * what holds them. Loaded by tools/leaks/child.js.
 */

const { createRequire } = require('node:module');

const HOST = '127.0.0.1';
const never = new Promise(() => {});

/**
 * @param {string} folder that the libraries are installed in
 * @param {Record<string, number>} ports of the servers
 */
module.exports = (folder, ports) => {
  const load = createRequire(`${folder}/`);
  const kept = [];

  return {
    pg: {
      servers: ['postgres'],
      prepare() {
        const { Pool } = load('pg');
        return new Pool({ host: HOST, port: ports.postgres, user: 'postgres', database: 'postgres', idleTimeoutMillis: 0 });
      },
      hold: (pool) => pool.query('select 1'),
      line: /TCP.*node_modules\/pg|Pool/,
    },
    ioredis: {
      servers: ['redis'],
      prepare: () => load('ioredis').Redis,
      hold: (Redis) => {
        const client = new Redis(ports.redis, HOST, { lazyConnect: true });
        return client.get('key');
      },
      line: /TCP.*node_modules\/ioredis/,
    },
    undici: {
      server: true,
      prepare: () => new (load('undici').Agent)({ keepAliveTimeout: 1e8, keepAliveMaxTimeout: 1e8 }),
      hold: async (dispatcher, { url }) => (await load('undici').request(url, { dispatcher })).body.text(),
      line: /TCP.*node_modules\/undici|variable \w+ .*(Agent|Pool)/,
    },
    rxjs: {
      prepare: () => load('rxjs'),
      hold: ({ interval }) => void kept.push(interval(1e8).subscribe(() => {})),
      line: /active timers → Timeout of setInterval at node_modules\/rxjs|variable kept/,
    },
    'node-cron': {
      prepare: async () => load('node-cron'),
      hold: (cron) => void cron.schedule('0 0 1 1 *', () => {}),
      line: /active timers → Timeout of setTimeout at node_modules\/node-cron|node-cron/,
    },
    async: {
      prepare() {
        const queue = load('async').queue((task, done) => done());
        queue.pause();
        return queue;
      },
      hold: (queue, { context }) => void queue.push({ some: 'task' }, () => context),
      line: /variable instance .*DLL → .*function \w+ \(tools/,
    },
    'generic-pool': {
      prepare: () => load('generic-pool').createPool({ create: async () => ({}), destroy: async () => {} }, { max: 1 }),
      hold: (pool) => void pool.acquire(),
      line: /Pool|node_modules\/generic-pool/,
    },
    'p-queue': {
      prepare: async () => new (await import(load.resolve('p-queue'))).default({ autoStart: false }),
      hold: (queue) => void queue.add(async () => {}),
      line: /PQueue|PriorityQueue|node_modules\/p-queue/,
    },
    dataloader: {
      prepare: () => new (load('dataloader'))(async (contexts) => contexts.map((context) => ({ context }))),
      hold: (loader, { context }) => loader.load(context),
      line: /DataLoader|node_modules\/dataloader/,
    },
    'p-limit': {
      prepare: async () => (await import(load.resolve('p-limit'))).default(1),
      hold: (limit) => void limit(() => never),
      line: /node_modules\/(p-limit|yocto-queue)|Queue|variable never/,
    },
  };
};
