'use strict';

const assert = require('node:assert');
const { AsyncResource } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace, destroyNamespace, stats } = require('context');

const { watchCollection } = require('../support/collected');

const namespace = createNamespace('memory');

describe('a context', () => {
  it('is collected with values that reach it again: promises, timers, emitters, itself', async () => {
    const { watch, collected } = watchCollection();
    const work = async () => {
      const context = namespace.createContext();
      watch(context);
      await context.run(async () => {
        const timer = setTimeout(() => {}, 1);
        const promise = new Promise((resolve) => setImmediate(resolve));
        const emitter = context.add(new EventEmitter().on('event', () => context));
        const bound = context.bind(() => context);
        for (const [key, value] of Object.entries({ context, timer, promise, emitter, bound })) context.set(key, value);
        await promise;
        clearTimeout(timer);
      });
    };
    await Promise.all(Array.from({ length: 100 }, work));
    await collected(99);
  });

  it('is collected after it was left, though the one around it lives on', async () => {
    const { watch, collected } = watchCollection();
    await namespace.run(async () => {
      for (let i = 0; i < 50; i++) {
        const context = namespace.createContext();
        watch(context);
        await context.run(async () => nextTurn());
        context.enter();
        await null;
        context.exit();
        context.add(new EventEmitter()).on('event', () => {});
      }
      await nextTurn();
      await collected(48);
    });
  });

  it('is kept by nothing but what was started in it', async () => {
    const { watch, collected } = watchCollection();
    const started = [];
    for (let i = 0; i < 50; i++) {
      const context = namespace.createContext();
      watch(context);
      context.run(() => started.push(setTimeout(() => {}, 1e6)));
    }
    global.gc();
    started.forEach(clearTimeout);
    started.length = 0;
    await collected(48);
  });

  it('is not kept by the stack of what ran, however deep that was', async () => {
    const { watch, collected } = watchCollection();
    const nest = (depth) => {
      const context = namespace.createContext();
      watch(context);
      context.run(() => depth > 0 && new AsyncResource('nested').runInAsyncScope(() => nest(depth - 1)));
    };
    nest(50);
    await collected(51);
  });

  it('is not kept by a resource that is used again outside of it', async () => {
    const { watch, collected } = watchCollection();
    const timer = await new Promise((resolve) => {
      const context = namespace.createContext();
      watch(context);
      context.run(() => {
        const started = setTimeout(() => resolve(started), 1);
      });
    });
    await nextTurn();
    timer.refresh();
    await collected(1);
    clearTimeout(timer);
  });
});

describe('a chain of contexts that only grows', () => {
  it('is warned of once', async () => {
    const own = createNamespace('memory.growing');
    const warnings = [];
    const listener = (warning) => warnings.push(warning);
    process.on('warning', listener);
    await new Promise((resolve) => {
      let left = 1500;
      const turn = () => {
        if (left === 500) assert.deepStrictEqual(warnings, []);
        return --left === 0 ? resolve() : own.run(() => setImmediate(turn));
      };
      turn();
    });
    await nextTurn();
    process.off('warning', listener);
    const [{ code, message }, ...others] = warnings;
    assert.deepStrictEqual([code, others], ['CONTEXT_DEEP_NESTING', []]);
    assert.match(message, /'memory\.growing'.* was entered at .*kept\.test\.js:\d+/);
    assert.ok(stats().namespaces['memory.growing'].deepest > 1000);
  });
});

describe('the pages of frames', () => {
  it('are free again after a collection', async () => {
    await nextTurn();
    global.gc();
    const before = stats().pages;
    const bound = Array.from({ length: 64 * 200 }, () => namespace.run(() => namespace.bind(() => {})));
    assert.ok(stats().pages >= before + 200);
    assert.ok(bound.every((one) => one() === undefined));
    bound.length = 0;
    await nextTurn();
    global.gc();
    assert.ok(stats().pages <= before + 1, `${stats().pages} pages, ${before} before`);
  });

  it('do not grow in a loop that never yields', () => {
    global.gc();
    const before = stats().pages;
    for (let i = 0; i < 1e6; i++) namespace.run(Function.prototype);
    assert.ok(stats().pages < before + 1e6 / 64 / 3, `${stats().pages} pages, ${before} before`);
  });
});

describe('a namespace', () => {
  it('is collected once it is registered no longer and nobody holds it', async () => {
    const { watch, collected } = watchCollection();
    for (let i = 0; i < 100; i++) {
      const own = createNamespace('memory.collected');
      own.run(() => own.set('self', own));
      watch(own);
      destroyNamespace('memory.collected');
    }
    await collected(99);
    const [a, b] = [createNamespace('memory.a'), createNamespace('memory.b')];
    a.run(() => b.run(() => assert.notStrictEqual(a.active, b.active)));
    assert.deepStrictEqual(stats().namespaces['memory.a'], { created: 1, entered: 1, ended: 1, deepest: 1 });
  });
});
