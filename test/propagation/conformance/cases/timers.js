'use strict';

const promises = require('node:timers/promises');

const { awaiting, cases, nesting } = require('../case');

/** Steps in the calls of a timer, of which there are to be some. */
function calling(start, calls, again = () => {}) {
  return (step, { done, shared }) => {
    let count = 0;
    const timer = start(() => {
      step(++count === 1 ? 'first call' : 'another call');
      if (count < calls) return again(timer, shared);
      clearInterval(timer);
      done();
    });
  };
}

module.exports = cases({
  setTimeout: nesting((callback) => setTimeout(callback, 1)),
  'setTimeout with an argument': (step, { done }) => setTimeout((label) => done(step(label)), 1, 'callback'),
  'a timer that is refreshed elsewhere': calling(
    (callback) => setTimeout(callback, 1),
    2,
    (timer) => queueMicrotask(() => timer.refresh()),
  ),
  'a timer that is refreshed outside of all contexts': {
    loses: { 'another call': 'it is started anew there' },
    prepare(after) {
      const timers = [];
      const interval = setInterval(() => timers.pop()?.refresh(), 1);
      after(() => clearInterval(interval));
      return timers;
    },
    start: calling(
      (callback) => setTimeout(callback, 1),
      2,
      (timer, timers) => timers.push(timer),
    ),
  },
  setInterval: calling((callback) => setInterval(callback, 1), 3),
  setImmediate: nesting(setImmediate),
  'process.nextTick': nesting(process.nextTick),
  queueMicrotask: nesting(queueMicrotask),
  'queueMicrotask in a tick': (step, { done }) => process.nextTick(() => queueMicrotask(() => done(step('callback')))),
  'timers/promises: setTimeout': awaiting(() => promises.setTimeout(1)),
  'timers/promises: setImmediate': awaiting(() => promises.setImmediate()),
  async 'timers/promises: setInterval'(step) {
    let turns = 0;
    for await (const value of promises.setInterval(1, 'turn')) {
      step(value);
      if (++turns === 3) break;
    }
    step('left');
  },
  'timers/promises: scheduler.wait': awaiting(() => promises.scheduler.wait(1)),
  'timers/promises: scheduler.yield': awaiting(() => promises.scheduler.yield()),
  'timers/promises: a timer that is aborted': awaiting((step) => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    return promises.setTimeout(60_000, undefined, { signal: controller.signal }).catch(() => step('rejected'));
  }),
});
