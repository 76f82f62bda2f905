'use strict';

const promises = require('node:timers/promises');

const { cases } = require('../case');

module.exports = cases({
  setTimeout: (step, { done }) => {
    setTimeout(
      (label) => {
        step(label);
        setTimeout(() => done(step('nested')), 1);
      },
      1,
      'callback',
    );
  },
  'a timer that is refreshed elsewhere': (step, { done }) => {
    let calls = 0;
    const timer = setTimeout(() => {
      step('callback');
      if (++calls === 2) done();
      else queueMicrotask(() => timer.refresh());
    }, 1);
  },
  'a timer that is refreshed outside of all contexts': {
    loses: { 'second call': 'it is started anew there' },
    prepare(after) {
      const timers = [];
      const interval = setInterval(() => timers.pop()?.refresh(), 1);
      after(() => clearInterval(interval));
      return timers;
    },
    start: (step, { shared, done }) => {
      let calls = 0;
      const timer = setTimeout(() => {
        step(++calls === 1 ? 'first call' : 'second call');
        if (calls === 2) done();
        else shared.push(timer);
      }, 1);
    },
  },
  setInterval: (step, { done }) => {
    let calls = 0;
    const interval = setInterval(() => {
      step('callback');
      if (++calls === 3) done(clearInterval(interval));
    }, 1);
  },
  setImmediate: (step, { done }) => {
    setImmediate(() => {
      step('callback');
      setImmediate(() => done(step('nested')));
    });
  },
  'process.nextTick': (step, { done }) => {
    process.nextTick(() => {
      step('callback');
      process.nextTick(() => done(step('nested')));
    });
  },
  queueMicrotask: (step, { done }) => {
    queueMicrotask(() => {
      step('callback');
      process.nextTick(() => {
        step('in a tick');
        queueMicrotask(() => done(step('nested')));
      });
    });
  },
  async 'timers/promises: setTimeout'(step) {
    await promises.setTimeout(1);
    step('awaited');
  },
  async 'timers/promises: setImmediate'(step) {
    await promises.setImmediate();
    step('awaited');
  },
  async 'timers/promises: setInterval'(step) {
    let turns = 0;
    for await (const value of promises.setInterval(1, 'turn')) {
      step(value);
      if (++turns === 3) break;
    }
    step('left');
  },
  async 'timers/promises: scheduler.wait'(step) {
    await promises.scheduler.wait(1);
    step('waited');
    await promises.scheduler.yield();
    step('yielded');
  },
  async 'timers/promises: a timer that is aborted'(step) {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await promises.setTimeout(60_000, undefined, { signal: controller.signal }).catch(() => step('rejected'));
    step('awaited');
  },
});
