'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');

const { ContextManager } = require('context/opentelemetry');
const { playRandomly } = require('../random-steps');

const key = createContextKey('oracle');

let managers;

/** Calls a function with a new context, bound to it in both managers. */
const bindBoth = (target, step) => managers.reduce((bound, each) => each.bind(ROOT_CONTEXT.setValue(key, step), bound), target);

/** Ways to have a function called with a context active in both managers. */
const entries = {
  with(fn, step) {
    const context = ROOT_CONTEXT.setValue(key, step);
    return managers[0].with(context, () => managers[1].with(context, fn));
  },
  bind: (fn, step) => bindBoth(fn, step)(),
  bindAndWait(fn, step) {
    const bound = bindBoth(fn, step);
    return new Promise((resolve) => {
      setImmediate(() => resolve(bound()));
    });
  },
  emitter: (fn, step) =>
    new Promise((resolve) => {
      bindBoth(new EventEmitter(), step)
        .once('event', () => resolve(fn()))
        .emit('event');
    }),
  attach(fn, step) {
    const tokens = managers.map((manager) => manager.attach(ROOT_CONTEXT.setValue(key, step)));
    const promise = fn();
    for (const token of tokens) token.dispose();
    return promise;
  },
  attachForGood(fn, step) {
    for (const manager of managers) manager.attach(ROOT_CONTEXT.setValue(key, step));
    return fn();
  },
};

describe('the context manager beside that of OpenTelemetry', () => {
  it('has the same context active at any point of any program', () =>
    playRandomly({
      entries,
      assertSame: () => assert.strictEqual(managers[0].active().getValue(key), managers[1].active().getValue(key)),
      async around(play) {
        managers = [new ContextManager(), new AsyncLocalStorageContextManager()];
        await managers[0].with(ROOT_CONTEXT, () => managers[1].with(ROOT_CONTEXT, play));
        for (const manager of managers) manager.disable();
      },
      runs: 200,
    }));
});
