'use strict';

const promises = require('node:timers/promises');

module.exports = [
  {
    name: 'setTimeout',
    start: (step) =>
      new Promise((resolve) => {
        setTimeout(
          (label) => {
            step(label);
            setTimeout(() => resolve(step('nested')), 1);
          },
          1,
          'callback',
        );
      }),
  },
  {
    name: 'a timer that is refreshed elsewhere',
    start: (step) =>
      new Promise((resolve) => {
        let calls = 0;
        const timer = setTimeout(() => {
          step('callback');
          if (++calls === 2) resolve();
          else queueMicrotask(() => timer.refresh());
        }, 1);
      }),
  },
  {
    name: 'a timer that is refreshed outside of all contexts',
    loses: { 'second call': 'it is started anew there' },
    prepare(after) {
      const timers = [];
      const interval = setInterval(() => timers.pop()?.refresh(), 1);
      after(() => clearInterval(interval));
      return timers;
    },
    start: (step, { shared }) =>
      new Promise((resolve) => {
        let calls = 0;
        const timer = setTimeout(() => {
          step(++calls === 1 ? 'first call' : 'second call');
          if (calls === 2) resolve();
          else shared.push(timer);
        }, 1);
      }),
  },
  {
    name: 'setInterval',
    start: (step) =>
      new Promise((resolve) => {
        let calls = 0;
        const interval = setInterval(() => {
          step('callback');
          if (++calls === 3) resolve(clearInterval(interval));
        }, 1);
      }),
  },
  {
    name: 'setImmediate',
    start: (step) =>
      new Promise((resolve) => {
        setImmediate(() => {
          step('callback');
          setImmediate(() => resolve(step('nested')));
        });
      }),
  },
  {
    name: 'process.nextTick',
    start: (step) =>
      new Promise((resolve) => {
        process.nextTick(() => {
          step('callback');
          process.nextTick(() => resolve(step('nested')));
        });
      }),
  },
  {
    name: 'queueMicrotask',
    start: (step) =>
      new Promise((resolve) => {
        queueMicrotask(() => {
          step('callback');
          process.nextTick(() => {
            step('in a tick');
            queueMicrotask(() => resolve(step('nested')));
          });
        });
      }),
  },
  {
    name: 'timers/promises: setTimeout',
    async start(step) {
      await promises.setTimeout(1);
      step('awaited');
    },
  },
  {
    name: 'timers/promises: setImmediate',
    async start(step) {
      await promises.setImmediate();
      step('awaited');
    },
  },
  {
    name: 'timers/promises: setInterval',
    async start(step) {
      let turns = 0;
      for await (const value of promises.setInterval(1, 'turn')) {
        step(value);
        if (++turns === 3) break;
      }
      step('left');
    },
  },
  {
    name: 'timers/promises: scheduler.wait',
    async start(step) {
      await promises.scheduler.wait(1);
      step('waited');
      await promises.scheduler.yield();
      step('yielded');
    },
  },
  {
    name: 'timers/promises: a timer that is aborted',
    async start(step) {
      const controller = new AbortController();
      setImmediate(() => controller.abort());
      await promises.setTimeout(60_000, undefined, { signal: controller.signal }).catch(() => step('rejected'));
      step('awaited');
    },
  },
];
