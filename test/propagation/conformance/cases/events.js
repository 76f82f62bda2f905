'use strict';

const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { channel } = require('node:diagnostics_channel');
const { EventEmitter, EventEmitterAsyncResource, on, once } = require('node:events');

const { awaiting, cases, prepared, stepsAt } = require('../case');

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

/** An emitter whose event somebody else emits. */
function emittedBy(call, emitter) {
  call(() => emitter.emit('event'));
  return emitter;
}

module.exports = cases({
  'EventEmitter: emit': (step) => {
    const emitter = new EventEmitter().once('event', () => step('once'));
    setImmediate(() => emitter.emit('event'));
    return stepsAt(emitter, step, 'event');
  },
  'EventEmitter: a listener that is async, whose rejection is captured': (step, { done }) => {
    const emitter = new EventEmitter({ captureRejections: true });
    emitter.on('error', () => done(step('error')));
    emitter.on('event', async () => {
      await null;
      step('listener');
      throw new Error('to be captured');
    });
    emitter.emit('event');
  },
  'EventTarget: dispatchEvent': (step, { done }) => {
    const target = new EventTarget();
    target.addEventListener('event', () => done(step('listener')), { once: true });
    setTimeout(() => target.dispatchEvent(new Event('event')), 1);
  },
  'AbortSignal: listener': (step, { done }) => {
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => step('listener'));
    AbortSignal.any([controller.signal]).onabort = () => done(step('of a signal that follows'));
    setImmediate(() => controller.abort());
  },
  'AbortSignal.timeout': (step, { done }) => {
    // Nothing else keeps the process alive.
    const alive = setInterval(() => {}, 1000);
    AbortSignal.timeout(1).addEventListener('abort', () => {
      clearInterval(alive);
      done(step('listener'));
    });
  },
  diagnostics_channel: (step, { done }) => {
    const name = Symbol('conformance');
    channel(name).subscribe(() => done(step('subscriber')));
    setImmediate(() => channel(name).publish({}));
  },
  ...prepared(elsewhere, {
    'EventEmitter: an event that somebody else emits': {
      loses: { event: OF_CALLER },
      start: (step, { shared }) => stepsAt(emittedBy(shared, new EventEmitter()), step, 'event'),
    },
    'EventEmitterAsyncResource: an event that somebody else emits': (step, { shared }) =>
      stepsAt(emittedBy(shared, new EventEmitterAsyncResource({ name: 'conformance' })), step, 'event'),
    'events.once': awaiting((step, { shared }) => once(emittedBy(shared, new EventEmitter()), 'event')),
    async 'events.on'(step, { shared }) {
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
    'AbortSignal: listener, if somebody else aborts': {
      loses: { listener: OF_CALLER },
      start: (step, { shared, done }) => {
        const controller = new AbortController();
        controller.signal.addEventListener('abort', () => done(step('listener')));
        shared(() => controller.abort());
      },
    },
    'a queue of jobs that keep what they were bound to, as pools of connections have': (step, { shared, done }) => {
      for (const label of ['first job', 'second job']) shared(AsyncResource.bind(() => step(label)));
      shared(AsyncResource.bind(() => done(step('last job'))));
    },
    'AsyncResource: runInAsyncScope': (step, { shared, done }) => {
      const resource = new AsyncResource('conformance');
      shared(() => resource.runInAsyncScope(() => done(step('callback'))));
    },
    'AsyncResource: bind': (step, { shared, done }) => {
      const resource = new AsyncResource('conformance');
      shared(AsyncResource.bind(() => step('static')));
      shared(resource.bind(() => done(step('of a resource'))));
    },
    'AsyncLocalStorage: bind and snapshot': (step, { shared, done }) => {
      const snapshot = AsyncLocalStorage.snapshot();
      shared(AsyncLocalStorage.bind(() => step('bind')));
      shared(() => snapshot(() => done(step('snapshot'))));
    },
  }),
});
