'use strict';

const { stat } = require('node:fs');
const EventEmitter = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { Bench } = require('tinybench');

/**
 * What is timed. Each measure makes a batch of a subject: a function of a number of operations, which performs that many of them and
 * returns, or promises, when they are done; nothing if the subject has no such operation.
 */

async function asyncFunction() {}

const nothing = () => {};

/** The awaits of a request that is made in a loop, without a network. */
const AWAITS = 8;

const resolved = Promise.resolve();

/** Where the results go, so that no compiler finds the operations to be useless. */
let result;

/** Operations that are started each from the callback of the last one. */
const chained = (start) => () => (operations) =>
  new Promise((resolve) => {
    let left = operations;
    const next = () => (--left === 0 ? resolve() : start(next));
    start(next);
  });

/** Operations that are all started at once. */
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

/** How a context is carried. */
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

/** What is done with a context. */
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

/** Milliseconds, in which the compiler gets its turn also if a machine is busy. */
const WARM_UP = 40;

/** Enough of them that starting a batch takes longer than the millisecond that its first timer waits. */
const TIMERS = 10_000;

/**
 * Times an operation of a subject (see subjects.js) in batches, for some milliseconds. Resolves to the nanoseconds of one, the median of the
 * batches; nothing if the subject has no such operation.
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
  // As in a program that has been running for a while: hooks are on, and saw this callback start.
  subject.inside(() => {});
  await nextTurn();
  return measure();
}

module.exports = { timed };
