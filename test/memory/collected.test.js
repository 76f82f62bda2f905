'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const http = require('node:http');

const { createNamespace, engine } = require('context');

const { watchCollection } = require('../support/collected');

const namespace = createNamespace('trust.collected');

describe('an interval that was cleared', () => {
  it('keeps no context alive, though the context keeps the interval', async () => {
    const { watch, collected } = watchCollection();
    for (let i = 0; i < 20; i++) {
      const context = namespace.createContext();
      watch(context);
      await context.run(
        () =>
          new Promise((resolve) => {
            let left = 2;
            const interval = setInterval(() => {
              assert.strictEqual(namespace.get('interval'), interval);
              if (--left > 0) return;
              clearInterval(interval);
              resolve();
            }, 1);
            context.set('interval', interval);
          }),
      );
    }
    await collected(19);
  });

  it('keeps what AsyncLocalStorage keeps if somebody holds the interval, or with async-hooks until it is let go', async () => {
    const storage = new AsyncLocalStorage();
    const held = [];
    const hold = () => {
      const interval = setInterval(() => {}, 1e6);
      held.push(interval);
      clearInterval(interval);
    };
    const ours = watchCollection();
    const theirs = watchCollection();
    for (let i = 0; i < 20; i++) {
      const context = namespace.createContext();
      const store = {};
      ours.watch(context);
      theirs.watch(store);
      context.run(hold);
      storage.run(store, hold);
    }
    const isKept = await theirs.collected(19).then(
      () => false,
      () => true,
    );
    // Node.js 24 and later take its own stores off a timer that is cleared, and tell no hook of it but `destroy`.
    if (!isKept && engine !== 'async-hooks') await ours.collected(19);
    held.length = 0;
    await ours.collected(19);
  });
});

describe('a request that was aborted', () => {
  it('keeps no context alive, whatever was going on in it', async () => {
    const { watch, collected } = watchCollection();
    const closed = [];
    const server = http.createServer((request, response) => {
      const context = namespace.createContext();
      watch(context);
      // Node.js keeps the date of this header for up to a second, by a timer that belongs to the request.
      response.sendDate = false;
      context.add(request);
      context.add(response);
      context
        .run(async () => {
          const timer = setInterval(() => {}, 1e6);
          for (const [key, value] of Object.entries({ context, request, response, timer, socket: request.socket })) {
            context.set(key, value);
          }
          closed.push(once(response, 'close'));
          response.on('close', () => {
            assert.strictEqual(namespace.active, context);
            clearInterval(timer);
          });
          response.write('begun');
          for await (const chunk of request) context.set('chunk', chunk);
          await new Promise(() => {});
        })
        .catch(() => {}); // The body ends with an error.
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new http.Agent({ keepAlive: true });
    for (let i = 0; i < 20; i++) {
      const request = http.request({ agent, port: server.address().port, host: '127.0.0.1', method: 'POST' });
      request.on('error', () => {});
      request.write('never ended');
      await once(request, 'response');
      request.destroy();
      await closed[i];
    }
    closed.length = 0;
    await collected(19);
    agent.destroy();
    server.close();
    await once(server, 'close');
  });
});
