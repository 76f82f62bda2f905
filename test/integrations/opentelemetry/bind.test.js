'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const { ContextManager, compare, one, two } = require('./managers');

const adders = ['addListener', 'on', 'once', 'prependListener', 'prependOnceListener'];

/** What is active in the listeners that are put on an emitter, if that emits then. */
function activeIn(manager, emitter, emit = () => emitter.emit('event')) {
  const seen = [];
  for (const add of adders) emitter[add]('event', (...args) => seen.push([manager.active(), ...args]));
  emit();
  assert.strictEqual(seen.length, adders.length);
  return seen;
}

describe('our OpenTelemetry context manager does what those of OpenTelemetry do: bind', () => {
  compare({
    'binds functions and emitters, and returns anything else as it is, enabled or not': (manager) =>
      ['enable', 'disable'].map((state) => {
        manager[state]();
        const emitter = new EventEmitter();
        const others = [{ a: 1 }, null, undefined, 'text', 1, emitter].map((target) => manager.bind(one, target) === target);
        const bound = manager.bind(one, () => manager.active());
        return [others, activeIn(manager, emitter), bound(), manager.active()];
      }),

    'passes this, the arguments, the result and errors of a bound function through, and keeps its length': (manager) => {
      const error = new Error('of the function');
      const target = function (first, second) {
        if (first === undefined) throw error;
        return [this === self, first, second];
      };
      const self = { bound: manager.bind(one, target) };
      assert.throws(() => self.bound(), error);
      return [self.bound.length, self.bound(1, 2), manager.active()];
    },

    'carries the context of a bound function and of a listener on': async (manager) => {
      const look = async () => nextTurn().then(() => manager.active());
      const seen = [manager.bind(one, look)()];
      const emitter = manager.bind(two, new EventEmitter());
      emitter.on('event', () => seen.push(look())).emit('event');
      return Promise.all(seen);
    },

    'lets each of two managers bind a function and an emitter': (manager, make) => {
      const other = make();
      const both = { active: () => [manager.active(), other.active()] };
      const emitter = other.bind(two, manager.bind(one, new EventEmitter()));
      return [other.bind(two, manager.bind(one, both.active))(), ...activeIn(both, emitter)];
    },

    'has the context active in a listener, and removes it, whichever method put it on or takes it off': (manager) => {
      const emitter = manager.bind(one, new EventEmitter());
      const seen = activeIn(manager, emitter, () => manager.with(two, () => emitter.emit('event', 'a', 'b')));
      assert.deepStrictEqual(seen, new Array(adders.length).fill([one, 'a', 'b']));
      const counts = adders.map((add) =>
        ['removeListener', 'off'].flatMap((remove) => {
          const listener = () => assert.fail('it was called');
          const isChained = emitter[add]('other', listener) === emitter;
          const before = emitter.listenerCount('other');
          emitter[remove]('other', listener);
          return [isChained, before, emitter.emit('other')];
        }),
      );
      return [seen, emitter.listenerCount('event'), counts];
    },

    'removes all listeners, of one event and of all': (manager) => {
      const emitter = manager.bind(one, new EventEmitter());
      for (const event of ['a', 'b', 'c']) emitter.on(event, () => {});
      const names = emitter.removeAllListeners('a').eventNames();
      return [names, emitter.removeAllListeners().eventNames()];
    },

    'lets a listener remove itself and the others': (manager) => {
      const emitter = manager.bind(one, new EventEmitter());
      const seen = [];
      function first() {
        seen.push(manager.active());
        emitter.removeListener('event', first);
      }
      emitter.on('event', first);
      emitter.on('event', () => {
        seen.push(manager.active());
        emitter.removeAllListeners('event');
      });
      for (let i = 0; i < 2; i++) seen.push(emitter.emit('event'));
      return [...seen, emitter.listenerCount('event')];
    },

    'leaves the listeners alone that were on an emitter before': (manager) => {
      const emitter = new EventEmitter();
      const seen = [];
      const listener = () => seen.push(manager.active());
      emitter.on('event', listener);
      manager.bind(one, emitter);
      manager.with(two, () => emitter.emit('event'));
      emitter.removeListener('event', listener);
      return [...seen, emitter.emit('event')];
    },

    'leaves an emitter with the first context that it was bound to': (manager) =>
      activeIn(manager, manager.bind(two, manager.bind(one, new EventEmitter()))),

    'hides what is active if an emitter was bound to the root context': (manager) => {
      const emitter = manager.bind(ROOT_CONTEXT, new EventEmitter());
      return activeIn(manager, emitter, () => manager.with(one, () => emitter.emit('event')));
    },

    'has the context active in what was bound before it was disabled': (manager) => {
      const bound = manager.bind(one, () => manager.active());
      const emitter = manager.bind(two, new EventEmitter());
      const seen = activeIn(manager, emitter, () => manager.disable() && emitter.emit('event'));
      return [bound(), seen, manager.active()];
    },
  });

  it('and shows what it was given: the name of a bound function, the listeners of a bound emitter', () => {
    const manager = new ContextManager();
    function named() {}
    assert.strictEqual(manager.bind(one, named).name, 'named');
    const emitter = manager.bind(one, new EventEmitter());
    for (const add of adders) emitter[add]('event', named);
    assert.deepStrictEqual(emitter.listeners('event'), new Array(adders.length).fill(named));
  });
});
