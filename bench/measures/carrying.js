'use strict';

const { stat } = require('node:fs');
const EventEmitter = require('node:events');

/**
 * How a context is carried. Each measure makes a batch: a function of a number of operations, which does that many of
 * them and returns, or promises, when they are done.
 */

async function asyncFunction() {}

/** Of a request that is made in a loop, without a network. */
const AWAITS = 8;

const resolved = Promise.resolve();

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

module.exports = {
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
