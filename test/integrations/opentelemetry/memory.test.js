'use strict';

const assert = require('node:assert');
const { AsyncResource } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');

const core = require('../../../lib/frames/binding');
const { ContextManager } = require('context/opentelemetry');
const { watchCollection } = require('../../support/collected');

const key = createContextKey('memory');
const newContext = (value = { large: new Array(100) }) => ROOT_CONTEXT.setValue(key, value);

describe('an OpenTelemetry context', () => {
  let manager;
  let watch;
  let collected;

  beforeEach(() => {
    manager = new ContextManager();
    ({ watch, collected } = watchCollection());
  });

  /** Watches a new context. */
  function watched(value) {
    const context = newContext(value);
    watch(context);
    return context;
  }

  it('is collected after what it was active in, what that has started, and its disabling, with values that reach it again', async () => {
    for (let i = 0; i < 50; i++) {
      manager.enable();
      const values = {};
      const context = watched(values);
      values.bound = manager.bind(context, () => context);
      values.emitter = manager.bind(context, new EventEmitter()).on('event', () => context);
      values.promise = manager.with(context, async () => {
        await nextTurn();
        await manager.with(manager.active().setValue(key, 2), () => nextTurn());
      });
      values.bound();
      values.emitter.emit('event');
      await values.promise;
      const token = manager.attach(context);
      await nextTurn();
      token.dispose();
      manager.attach(context);
      manager.disable();
    }
    await collected(48);
  });

  it('is kept by what it was bound to and is pending, and no longer', async () => {
    const kept = [];
    for (let i = 0; i < 50; i++) {
      const context = watched();
      kept.push({
        emitter: manager.bind(context, new EventEmitter()),
        bound: manager.bind(context, () => manager.active()),
        timer: manager.with(context, () => setTimeout(() => {}, 1e6)),
      });
    }
    await nextTurn();
    global.gc();
    for (const { emitter, bound, timer } of kept) {
      let seen;
      emitter.on('event', () => (seen = manager.active())).emit('event');
      assert.strictEqual(seen, bound());
      clearTimeout(timer);
    }
    kept.length = 0;
    await collected(48);
  });

  it('is collected though contexts are active for ever that were made from it, each inside the last one', async () => {
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

  it('is one of many managers: they add no more to an asynchronous operation than one does', () => {
    /** What an async resource carries that is made where a context is active in each of a number of managers. */
    const carried = (count) => {
      const managers = Array.from({ length: count }, () => new ContextManager());
      const make = () => new AsyncResource('test');
      return Reflect.ownKeys(managers.reduce((inner, each) => () => each.with(newContext(), inner), make)());
    };
    assert.deepStrictEqual(carried(20), carried(1));
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
    // Without that each would be 20 further on than all before. Slots of others become free meanwhile too, of any number.
    assert.ok(slots.at(-1) < Math.max(...slots.slice(0, -1)) + 20, `the next free slots were ${slots.join(', ')}`);
  });
});
