'use strict';

const { stat } = require('node:fs');
const EventEmitter = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { Bench } = require('tinybench');

/**
 * The timed operations. Each entry creates a batch for a subject: a function that runs a number of operations, and returns, or resolves,
 * when they are done; undefined if the subject lacks the operation.
 */

async function asyncFunction() {}

const nothing = () => {};

/** The awaits of a request without a network. */
const AWAITS = 8;

const resolved = Promise.resolve();

/** Stores results, so that no compiler removes the operations. */
let result;

/** Operations that start in the callback of the previous one. */
const chained = (start) => () => (operations) =>
  new Promise((resolve) => {
    let left = operations;
    const next = () => (--left === 0 ? resolve() : start(next));
    start(next);
  });

/** Operations that start at once. */
const atOnce = (start) => () => (operations) =>
  new Promise((resolve) => {
    let left = operations;
    const done = () => --left === 0 && resolve();
    for (let i = 0; i < operations; i++) start(done);
  });

const repeated = (operation) =>
  operation &&
  ((operations) => {
    for (let i = 0; i < operations; i++) result = operation();
    return result === nothing;
  });

/** Propagating contexts. */
const carrying = {
  await: () => async (operations) => {
    for (let i = 0; i < operations; i++) await asyncFunction();
  },
  then: () => async (operations) => {
    for (let i = 0; i < operations; i++) await resolved.then(asyncFunction);
  },
  nextTick: chained((next) => process.nextTick(next)),
  setImmediate: atOnce((done) => setImmediate(done)),
  setTimeout: atOnce((done) => setTimeout(done, 1)),
  queueMicrotask: chained((next) => queueMicrotask(next)),
  'fs.stat': atOnce((done) => stat(__filename, done)),
  loop: ({ inside, get }) => {
    const request = async () => {
      for (let i = 0; i < AWAITS; i++) await asyncFunction();
      return get?.();
    };
    return async (operations) => {
      for (let i = 0; i < operations; i++) await inside(request);
    };
  },
  EventEmitter: () => {
    const emitter = new EventEmitter().on('event', () => {});
    return (operations) => {
      for (let i = 0; i < operations; i++) emitter.emit('event');
    };
  },
};

/** Using contexts. */
const using = {
  get: ({ get }) => repeated(get),
  'get-deep': ({ get }) => repeated(get),
  set: ({ set }) => repeated(set),
  unit: ({ unit }) => repeated(unit),
  nested: ({ nested }) => repeated(nested && (() => nested(nothing))),
  bind: ({ bind }) => repeated(bind && (() => bind(nothing))),
  bound: ({ bind, inside }) => repeated(bind && inside(() => bind(nothing))),
  listener: ({ listen, inside }) => {
    const emitter = new EventEmitter();
    if (listen) inside(() => void listen(emitter, nothing));
    return repeated(listen && (() => emitter.emit('event')));
  },
};

const batches = { ...carrying, ...using };

const OPERATIONS = 2000;

/** In milliseconds: enough for the compiler, even on a busy machine. */
const WARM_UP = 40;

/** So many that starting a batch takes longer than its first timer, a millisecond. */
const TIMERS = 10_000;

/**
 * Times an operation of a subject (see subjects.js) in batches. Resolves to the median time per operation in nanoseconds; `{}` if the
 * subject lacks it.
 */
async function timed(setUp, { name, where }, { time }) {
  const subject = setUp();
  const batch = batches[name](subject);
  if (!batch) return {};
  const operations = name === 'setTimeout' ? TIMERS : OPERATIONS;
  const measure = async () => {
    const bench = new Bench({ time, iterations: 10, warmupTime: WARM_UP, warmupIterations: 3 });
    bench.add(name, () => batch(operations));
    const [task] = await bench.run();
    if (task.result.error) throw task.result.error;
    return { [name]: (task.result.latency.p50 * 1e6) / operations };
  };
  if (where !== 'outside') return subject[where](measure);
  // Like a program that has been running for a while: hooks are on, and have seen this callback begin.
  subject.inside(() => {});
  await nextTurn();
  return measure();
}

module.exports = { timed };
