'use strict';

const { Session } = require('node:inspector');
const { PerformanceObserver, performance } = require('node:perf_hooks');
const vm = require('node:vm');

const { awaiting, cases, stepIn } = require('../case');

/** The smallest module of WebAssembly. */
const wasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

module.exports = cases({
  'vm: promises and async functions of another realm': {
    prepare: () => vm.createContext({ setImmediate }),
    async start(step, { shared }) {
      const run = vm.runInContext(
        `(async (step) => {
          await null;
          step('awaited inside');
          await new Promise((resolve) => setImmediate(resolve));
          step('awaited again');
          await { then(resolve) { step('then inside'); resolve(); } };
          await Promise.resolve().then(() => step('reaction inside'));
        })`,
        shared,
      );
      await run(step);
      step('awaited');
      await vm.runInContext('new Promise((resolve) => setImmediate(resolve))', shared).then(() => step('then'));
    },
  },
  async 'vm: a script with microtasks of its own'(step) {
    const own = vm.createContext({ step }, { microtaskMode: 'afterEvaluate' });
    vm.runInContext("Promise.resolve().then(() => step('reaction inside'))", own);
    step('outside');
  },
  async WebAssembly(step) {
    const module = await WebAssembly.compile(wasm);
    step('compiled');
    await WebAssembly.instantiate(module).then(() => step('instantiated'));
  },
  'Atomics.waitAsync': awaiting(() => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    setImmediate(() => Atomics.notify(words, 0));
    return Atomics.waitAsync(words, 0, 0).value;
  }),
  PerformanceObserver: {
    loses: { callback: 'entries of all are collected, and handed out in the context of one' },
    start: (step, { owner, done }) => {
      const observer = new PerformanceObserver((list) => {
        if (list.getEntriesByName(`unit ${owner}`).length === 0) return;
        observer.disconnect();
        done(step('callback'));
      });
      observer.observe({ entryTypes: ['mark'] });
      performance.mark(`unit ${owner}`);
    },
  },
  async 'inspector: Session'(step) {
    const session = new Session();
    session.connect();
    await stepIn((callback) => session.post('Runtime.evaluate', { expression: '1' }, callback), step);
    session.disconnect();
  },
  FinalizationRegistry: {
    loses: { callback: 'it runs when the garbage collector likes, in no context', 'from the callback': 'as the callback' },
    start: (step, { done }) => {
      const registry = new FinalizationRegistry(() => {
        isCalled = true;
        step('callback');
        setImmediate(() => done(step('from the callback')));
      });
      registry.register({}, undefined);
      let isCalled = false;
      // Once in a turn of the loop: intervals that take longer than they wait would keep the callback from its turn.
      const collect = () => {
        if (isCalled) return;
        global.gc();
        setImmediate(collect, registry);
      };
      collect();
    },
  },
});
