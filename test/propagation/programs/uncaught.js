'use strict';

/**
 * Prints what functions see that wait in no context, while callbacks that were entered have errors that nobody catches: a line for each
 * way to enter and to fail. The namespace was made before; nothing else was.
 */

const { AsyncResource } = require('node:async_hooks');
const { setImmediate: nextTurn, setTimeout: sleep } = require('node:timers/promises');

const { bind, current, enter, run } = require('../../support/subject');

const fail = () => {
  throw new Error('uncaught');
};

/** What the entered callback does. */
const failures = {
  microtask: () => queueMicrotask(fail),
  'a microtask of a reaction': () => void Promise.resolve().then(() => queueMicrotask(fail)),
  'a microtask of a tick': () => process.nextTick(() => queueMicrotask(fail)),
  'two microtasks': () => [fail, fail].forEach((each) => queueMicrotask(each)),
  'a microtask of a scope': () => new AsyncResource('scope').runInAsyncScope(() => queueMicrotask(fail)),
  tick: () => process.nextTick(fail),
  rejection: () => void Promise.reject(new Error('uncaught')),
  'a rejection in its handler': () => void Promise.reject(new Error()).catch(fail),
  'a listener of a signal'() {
    const controller = new AbortController();
    controller.signal.addEventListener('abort', fail);
    controller.abort();
  },
  'the callback itself': fail,
};

const entries = {
  run: (callback) => run('request', callback),
  'a nested run': (callback) => run('outer', () => run('request', callback)),
  enter(callback) {
    enter('request');
    callback();
  },
  'a bound function': (callback) => bind('request', callback)(),
};

/** Waits in no context, and looks what is active after each of several ways to go on. */
class Waiter {
  seen = [];
  open;
  gate = new Promise((resolve) => (this.open = resolve));
  ended = this.#wait();

  async #wait() {
    await this.gate;
    this.seen.push(current());
    await null;
    this.seen.push(current());
    await sleep();
    this.seen.push(current());
    await nextTurn();
    this.seen.push(current());
  }
}

const earliest = Object.keys(entries).flatMap((entry) =>
  Object.keys(failures).map((failure) => ({ entry, failure, before: new Waiter() })),
);

async function main() {
  process.on('uncaughtException', () => {});
  for (const { entry, failure, before } of earliest) {
    const waiters = [before, new Waiter()];
    setImmediate(() => {
      waiters.push(new Waiter());
      entries[entry](() => {
        failures[failure]();
        for (const { open } of waiters) setImmediate(open);
      });
    });
    setImmediate(() => entries[entry](() => failures[failure]()));
    setImmediate(() => {
      for (const { open } of waiters) open();
      entries[entry](() => failures[failure]());
    });
    await nextTurn();
    for (const { ended } of waiters) await ended;
    const seen = new Set(waiters.flatMap((waiter) => waiter.seen));
    console.log(`${failure} in ${entry}: ${[...seen]}`);
  }
}

main();
