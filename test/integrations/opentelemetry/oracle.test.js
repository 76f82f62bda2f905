'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');

const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
const fc = require('fast-check');

const { ContextManager } = require('context/opentelemetry');

const key = createContextKey('oracle');

/** Ways to wait. */
const waits = {
  not: () => undefined,
  then: () => Promise.resolve(),
  tick: () => new Promise((resolve) => process.nextTick(resolve)),
  turn: () => nextTurn(),
  timer: () => delay(1),
};

/**
 * Ways to have a function called with a context active in both of two managers; each returns the function's promise.
 */
const entries = {
  with: ([a, b], context, fn) => a.with(context, () => b.with(context, fn)),
  bind: ([a, b], context, fn) => a.bind(context, b.bind(context, fn))(),
  bindAndWait: ([a, b], context, fn) => {
    const bound = a.bind(context, b.bind(context, fn));
    return new Promise((resolve) => {
      setImmediate(() => resolve(bound()));
    });
  },
  emitter: ([a, b], context, fn) => {
    const emitter = a.bind(context, b.bind(context, new EventEmitter()));
    return new Promise((resolve) => {
      emitter.once('event', () => resolve(fn())).emit('event');
    });
  },
  attach: (managers, context, fn) => {
    const tokens = managers.map((manager) => manager.attach(context));
    const promise = fn();
    for (const token of tokens) token.dispose();
    return promise;
  },
  attachForGood: (managers, context, fn) => {
    for (const manager of managers) manager.attach(context);
    return fn();
  },
};

/**
 * Programs of so many levels: each step enters a context, waits in it and runs a program there; the next one may wait
 * for it.
 */
const program = fc.memo((levels) =>
  fc.array(
    fc.record({
      entry: fc.constantFrom(...Object.keys(entries)),
      wait: fc.constantFrom(...Object.keys(waits)),
      goOn: fc.boolean(),
      inner: levels === 1 ? fc.constant([]) : program(levels - 1),
    }),
    { maxLength: 4, size: 'max' },
  ),
);

describe('the context manager beside that of OpenTelemetry', () => {
  /** Runs the steps of a program in both managers, and asserts all along that they have the same context active. */
  async function play(managers, steps) {
    const [ours, theirs] = managers;
    const assertSame = () => assert.strictEqual(ours.active(), theirs.active());
    const started = [];
    for (const step of steps) {
      const context = ROOT_CONTEXT.setValue(key, step);
      const promise = entries[step.entry](managers, context, async () => {
        assert.strictEqual(ours.active(), context);
        await waits[step.wait]();
        assert.strictEqual(ours.active(), context);
        await play(managers, step.inner);
        assertSame();
      });
      assertSame();
      if (step.goOn) started.push(promise);
      else await promise;
      assertSame();
    }
    await Promise.all(started);
    assertSame();
  }

  it('has the same context active at any point of any program', async () => {
    await fc.assert(
      fc.asyncProperty(program(4), async (steps) => {
        const managers = [new ContextManager(), new AsyncLocalStorageContextManager()];
        await managers[0].with(ROOT_CONTEXT, () => managers[1].with(ROOT_CONTEXT, () => play(managers, steps)));
        for (const manager of managers) manager.disable();
      }),
      { numRuns: 200 },
    );
  });
});
