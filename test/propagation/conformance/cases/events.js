'use strict';

const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { channel } = require('node:diagnostics_channel');
const { EventEmitter, EventEmitterAsyncResource, on, once } = require('node:events');

const OF_CALLER = 'listeners run where the event is emitted';

/** Has somebody outside of all contexts call what the units of work leave with it. */
function elsewhere(after) {
  const calls = [];
  const interval = setInterval(() => {
    for (const call of calls.splice(0)) call();
  }, 1);
  after(() => clearInterval(interval));
  return (call) => calls.push(call);
}

module.exports = [
  {
    name: 'EventEmitter: emit',
    start: (step) =>
      new Promise((resolve) => {
        const emitter = new EventEmitter();
        emitter.on('event', () => step('on')).once('event', () => resolve(step('once')));
        setImmediate(() => emitter.emit('event'));
      }),
  },
  {
    name: 'EventEmitter: an event that somebody else emits',
    loses: { listener: OF_CALLER },
    prepare: elsewhere,
    start: (step, { shared }) =>
      new Promise((resolve) => {
        const emitter = new EventEmitter().on('event', () => resolve(step('listener')));
        shared(() => emitter.emit('event'));
      }),
  },
  {
    name: 'EventEmitterAsyncResource: an event that somebody else emits',
    prepare: elsewhere,
    start: (step, { shared }) =>
      new Promise((resolve) => {
        const emitter = new EventEmitterAsyncResource({ name: 'conformance' });
        emitter.on('event', () => resolve(step('listener')));
        shared(() => emitter.emit('event'));
      }),
  },
  {
    name: 'events.once',
    prepare: elsewhere,
    async start(step, { shared }) {
      const emitter = new EventEmitter();
      shared(() => emitter.emit('event'));
      await once(emitter, 'event');
      step('awaited');
    },
  },
  {
    name: 'events.on',
    prepare: elsewhere,
    async start(step, { shared }) {
      const emitter = new EventEmitter();
      let left = 3;
      shared(() => emitter.emit('event'));
      // eslint-disable-next-line no-unused-vars
      for await (const event of on(emitter, 'event')) {
        step('loop');
        if (--left === 0) break;
        shared(() => emitter.emit('event'));
      }
      step('after');
    },
  },
  {
    name: 'EventEmitter: a listener that is async, whose rejection is captured',
    start: (step) =>
      new Promise((resolve) => {
        const emitter = new EventEmitter({ captureRejections: true });
        emitter.on('error', () => resolve(step('error')));
        emitter.on('event', async () => {
          await null;
          step('listener');
          throw new Error('to be captured');
        });
        emitter.emit('event');
      }),
  },
  {
    name: 'EventTarget: dispatchEvent',
    start: (step) =>
      new Promise((resolve) => {
        const target = new EventTarget();
        target.addEventListener('event', () => resolve(step('listener')), { once: true });
        setTimeout(() => target.dispatchEvent(new Event('event')), 1);
      }),
  },
  {
    name: 'AbortSignal: listener',
    start: (step) =>
      new Promise((resolve) => {
        const controller = new AbortController();
        controller.signal.addEventListener('abort', () => step('listener'));
        AbortSignal.any([controller.signal]).onabort = () => resolve(step('of a signal that follows'));
        setImmediate(() => controller.abort());
      }),
  },
  {
    name: 'AbortSignal: listener, if somebody else aborts',
    loses: { listener: OF_CALLER },
    prepare: elsewhere,
    start: (step, { shared }) =>
      new Promise((resolve) => {
        const controller = new AbortController();
        controller.signal.addEventListener('abort', () => resolve(step('listener')));
        shared(() => controller.abort());
      }),
  },
  {
    name: 'AbortSignal.timeout',
    start: (step) =>
      new Promise((resolve) => {
        // Nothing else keeps the process alive.
        const alive = setInterval(() => {}, 1000);
        AbortSignal.timeout(1).addEventListener('abort', () => {
          clearInterval(alive);
          resolve(step('listener'));
        });
      }),
  },
  {
    name: 'AsyncResource: runInAsyncScope',
    prepare: elsewhere,
    start: (step, { shared }) =>
      new Promise((resolve) => {
        const resource = new AsyncResource('conformance');
        shared(() => resource.runInAsyncScope(() => resolve(step('callback'))));
      }),
  },
  {
    name: 'AsyncResource: bind',
    prepare: elsewhere,
    start: (step, { shared }) =>
      new Promise((resolve) => {
        const resource = new AsyncResource('conformance');
        shared(AsyncResource.bind(() => step('static')));
        shared(resource.bind(() => resolve(step('of a resource'))));
      }),
  },
  {
    name: 'AsyncLocalStorage: bind and snapshot',
    prepare: elsewhere,
    start: (step, { shared }) =>
      new Promise((resolve) => {
        const snapshot = AsyncLocalStorage.snapshot();
        shared(AsyncLocalStorage.bind(() => step('bind')));
        shared(() => snapshot(() => resolve(step('snapshot'))));
      }),
  },
  {
    name: 'a queue of jobs that keep what they were bound to, as pools of connections have',
    prepare(after) {
      const jobs = [];
      const interval = setInterval(() => jobs.shift()?.(), 1);
      after(() => clearInterval(interval));
      return jobs;
    },
    start: (step, { shared }) =>
      new Promise((resolve) => {
        for (const label of ['first job', 'second job']) shared.push(AsyncResource.bind(() => step(label)));
        shared.push(AsyncResource.bind(() => resolve(step('last job'))));
      }),
  },
  {
    name: 'diagnostics_channel',
    start: (step) =>
      new Promise((resolve) => {
        const name = Symbol('conformance');
        channel(name).subscribe(() => resolve(step('subscriber')));
        setImmediate(() => channel(name).publish({}));
      }),
  },
];
