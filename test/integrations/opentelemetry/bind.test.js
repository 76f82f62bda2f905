'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const { ContextManager, managers, one, testEach, two } = require('./managers');

const adders = ['addListener', 'on', 'once', 'prependListener', 'prependOnceListener'];

/** What is active in a listener that is put on an emitter, if that emits now. */
function activeInListener(manager, emitter, emit = () => emitter.emit('event')) {
  const seen = [];
  emitter.on('event', () => seen.push(manager.active()));
  emit();
  assert.strictEqual(seen.length, 1);
  return seen[0];
}

describe('an OpenTelemetry context manager: bind', () => {
  testEach(managers, {
    'binds functions and emitters, and returns anything else as it is, enabled or not': (manager) => {
      for (const state of ['enable', 'disable']) {
        manager[state]();
        for (const target of [{ a: 1 }, null, undefined, 'text', 1]) assert.strictEqual(manager.bind(one, target), target);
        const emitter = new EventEmitter();
        assert.strictEqual(manager.bind(one, emitter), emitter);
        assert.strictEqual(activeInListener(manager, emitter), one);
        assert.strictEqual(manager.bind(one, () => manager.active())(), one);
        assert.strictEqual(manager.active(), ROOT_CONTEXT);
      }
    },

    'passes this, the arguments, the result and errors of a bound function through, and keeps its length': (manager) => {
      const error = new Error('of the function');
      function target(first, second) {
        if (first === undefined) throw error;
        return [this, first, second];
      }
      const self = { bound: manager.bind(one, target) };
      assert.strictEqual(self.bound.length, 2);
      assert.deepStrictEqual(self.bound(1, 2), [self, 1, 2]);
      assert.throws(() => self.bound(), error);
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    },

    'carries the context of a bound function and of a listener on': async (manager) => {
      const look = async () => nextTurn().then(() => manager.active());
      assert.strictEqual(await manager.bind(one, look)(), one);
      const seen = [];
      const emitter = manager.bind(two, new EventEmitter());
      emitter.on('event', () => seen.push(look())).emit('event');
      assert.deepStrictEqual(await Promise.all(seen), [two]);
    },

    'lets each of two managers bind a function and an emitter': (manager, make) => {
      const other = make();
      const look = () => [manager.active(), other.active()];
      assert.deepStrictEqual(other.bind(two, manager.bind(one, look))(), [one, two]);

      const emitter = other.bind(two, manager.bind(one, new EventEmitter()));
      const seen = [];
      for (const add of adders) emitter[add]('event', () => seen.push(look()));
      emitter.emit('event');
      assert.deepStrictEqual(
        seen,
        adders.map(() => [one, two]),
      );
    },

    'has the context active in a listener, and removes it, whichever method put it on or takes it off': (manager) => {
      for (const add of adders) {
        const emitter = manager.bind(one, new EventEmitter());
        const seen = [];
        assert.strictEqual(
          emitter[add]('event', (...args) => seen.push([manager.active(), ...args])),
          emitter,
        );
        manager.with(two, () => emitter.emit('event', 'a', 'b'));
        assert.deepStrictEqual(seen, [[one, 'a', 'b']], add);
        assert.strictEqual(emitter.listenerCount('event'), add.toLowerCase().includes('once') ? 0 : 1);

        for (const remove of ['removeListener', 'off']) {
          const listener = () => assert.fail('it was called');
          emitter[add]('other', listener);
          assert.strictEqual(emitter.listenerCount('other'), 1);
          emitter[remove]('other', listener);
          assert.strictEqual(emitter.listenerCount('other'), 0, `${add}, ${remove}`);
        }
      }
    },

    'removes all listeners, of one event and of all': (manager) => {
      const emitter = manager.bind(one, new EventEmitter());
      for (const event of ['a', 'b', 'c']) emitter.on(event, () => {});
      emitter.removeAllListeners('a');
      assert.deepStrictEqual(emitter.eventNames(), ['b', 'c']);
      emitter.removeAllListeners();
      assert.deepStrictEqual(emitter.eventNames(), []);
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
      for (let i = 0; i < 2; i++) emitter.emit('event');
      assert.deepStrictEqual(seen, [one, one]);
      assert.strictEqual(emitter.listenerCount('event'), 0);
    },

    'leaves the listeners alone that were on an emitter before': (manager) => {
      const emitter = new EventEmitter();
      const seen = [];
      const listener = () => seen.push(manager.active());
      emitter.on('event', listener);
      manager.bind(one, emitter);
      manager.with(two, () => emitter.emit('event'));
      emitter.removeListener('event', listener);
      emitter.emit('event');
      assert.deepStrictEqual(seen, [two]);
    },

    'leaves an emitter with the first context that it was bound to': (manager) => {
      assert.strictEqual(activeInListener(manager, manager.bind(two, manager.bind(one, new EventEmitter()))), one);
    },

    'hides what is active if an emitter was bound to the root context': (manager) => {
      const emitter = manager.bind(ROOT_CONTEXT, new EventEmitter());
      const emit = () => manager.with(one, () => emitter.emit('event'));
      assert.strictEqual(activeInListener(manager, emitter, emit), ROOT_CONTEXT);
    },

    'has the context active in what was bound before it was disabled': (manager) => {
      const bound = manager.bind(one, () => manager.active());
      const emitter = manager.bind(two, new EventEmitter());
      const seen = activeInListener(manager, emitter, () => manager.disable() && emitter.emit('event'));
      assert.deepStrictEqual([bound(), seen, manager.active()], [one, two, ROOT_CONTEXT]);
    },
  });

  it('shows what it was given: the name of a bound function, the listeners of a bound emitter', () => {
    const manager = new ContextManager();
    function named() {}
    assert.strictEqual(manager.bind(one, named).name, 'named');
    const emitter = manager.bind(one, new EventEmitter());
    for (const add of adders) emitter[add]('event', named);
    assert.deepStrictEqual(emitter.listeners('event'), new Array(adders.length).fill(named));
  });
});
