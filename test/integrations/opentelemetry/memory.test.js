'use strict';

const assert = require('node:assert');
const { AsyncResource } = require('node:async_hooks');
const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');

const core = require('../../../lib/frames/binding');
const { ContextManager } = require('context/opentelemetry');
const { watchCollection } = require('../../support/collected');

const key = createContextKey('memory');
const newContext = () => ROOT_CONTEXT.setValue(key, { large: new Array(100) });

describe('an OpenTelemetry context', () => {
  it('is collected after the function that it was active in and what that has started', async () => {
    const { watch, collected } = watchCollection();
    const manager = new ContextManager();
    const work = async () => {
      const context = newContext();
      watch(context);
      await manager.with(context, async () => {
        await nextTurn();
        await manager.with(manager.active().setValue(key, 2), () => nextTurn());
      });
      const token = manager.attach(context);
      await nextTurn();
      token.dispose();
    };
    await Promise.all(Array.from({ length: 100 }, work));
    await collected(99);
  });

  it('is collected with values that reach it again', async () => {
    const { watch, collected } = watchCollection();
    const manager = new ContextManager();
    for (let i = 0; i < 50; i++) {
      const values = {};
      const context = ROOT_CONTEXT.setValue(key, values);
      watch(context);
      values.bound = manager.bind(context, () => context);
      values.emitter = manager.bind(context, new EventEmitter()).on('event', () => context);
      values.promise = manager.with(context, () => nextTurn());
      values.bound();
      values.emitter.emit('event');
      await values.promise;
    }
    await collected(49);
  });

  it('is kept by what it was bound to and is pending, and no longer', async () => {
    const { watch, collected } = watchCollection();
    const manager = new ContextManager();
    const emitters = [];
    const timers = [];
    const functions = [];
    for (let i = 0; i < 50; i++) {
      const context = newContext();
      watch(context);
      emitters.push(manager.bind(context, new EventEmitter()));
      functions.push(manager.bind(context, () => manager.active()));
      timers.push(manager.with(context, () => setTimeout(() => {}, 1e6)));
    }
    await nextTurn();
    global.gc();
    emitters.forEach((emitter, index) => {
      let seen;
      emitter.on('event', () => (seen = manager.active())).emit('event');
      assert.strictEqual(seen, functions[index]());
    });
    timers.forEach(clearTimeout);
    for (const list of [emitters, timers, functions]) list.length = 0;
    await collected(48);
  });

  it('is collected though contexts are active for ever that were made from it, each inside the last one', async () => {
    const { watch, collected } = watchCollection();
    const manager = new ContextManager();
    const turns = 500;
    await new Promise((resolve, reject) => {
      let left = turns;
      const turn = () => {
        if (--left === 0) {
          collected(turns - 5).then(resolve, reject);
          return;
        }
        const context = manager.active().setValue(key, left);
        watch(context);
        manager.with(context, () => setImmediate(turn));
      };
      turn();
    });
  });

  it('is collected when it was disabled', async () => {
    const { watch, collected } = watchCollection();
    const manager = new ContextManager();
    for (let i = 0; i < 50; i++) {
      const context = newContext();
      watch(context);
      manager.attach(context);
      manager.disable();
    }
    await collected(48);
  });

  it('of a request is collected while its keep-alive socket is idle', async () => {
    const { watch, collected } = watchCollection();
    const manager = new ContextManager();
    const server = http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const context = newContext();
      watch(context);
      manager.bind(context, request);
      manager.bind(context, response);
      manager.with(context, () => {
        request.resume().on('end', () => {
          setImmediate(() => {
            assert.strictEqual(manager.active(), context);
            response.end();
          });
        });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set();
    for (let i = 0; i < 20; i++) {
      const request = http.get({ agent, host: '127.0.0.1', port: server.address().port });
      request.on('socket', (socket) => sockets.add(socket));
      const [response] = await once(request, 'response');
      await once(response.resume(), 'end');
    }
    assert.strictEqual(sockets.size, 1);
    // The platform may hold what ran last, for AsyncLocalStorage too.
    await collected(19);
    agent.destroy();
    server.close();
    await once(server, 'close');
  });
});

describe('an OpenTelemetry context manager that was dropped', () => {
  it('is collected, though what was started or bound in its contexts lives on', async () => {
    const { watch, collected } = watchCollection();
    const kept = [];
    for (let i = 0; i < 50; i++) {
      const manager = new ContextManager();
      watch(manager);
      const timer = manager.with(newContext(), () => setTimeout(() => {}, 1e6));
      kept.push({ timer, emitter: manager.bind(newContext(), new EventEmitter()).on('event', () => {}) });
    }
    await collected(48);
    for (const { timer, emitter } of kept) {
      emitter.emit('event');
      clearTimeout(timer);
    }
  });

  it('gives its slot in the core back', async () => {
    const { watch, collected } = watchCollection();
    const slots = [];
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 20; i++) watch(new ContextManager());
      await collected((round + 1) * 20 - 1);
      slots.push(core.createNamespace('probe', {}));
    }
    // Without that it would be 200 further on. Slots of others become free meanwhile too, of lower numbers as well.
    assert.ok(slots.at(-1) < slots[0] + 100, `the next free slots were ${slots.join(', ')}`);
  });
});

describe('many OpenTelemetry context managers', () => {
  /** What an async resource carries that is made where a context is active in each of a number of managers. */
  function carried(count) {
    const managers = Array.from({ length: count }, () => new ContextManager());
    const make = () => new AsyncResource('test');
    return Reflect.ownKeys(managers.reduce((inner, manager) => () => manager.with(newContext(), inner), make)());
  }

  it('add no more to an asynchronous operation than one does', () => {
    assert.deepStrictEqual(carried(20), carried(1));
  });
});
