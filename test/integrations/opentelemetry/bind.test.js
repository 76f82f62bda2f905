'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { ROOT_CONTEXT } = require('@opentelemetry/api');

const { ContextManager, describeEach, managers, one, two } = require('./managers');

const adders = ['addListener', 'on', 'once', 'prependListener', 'prependOnceListener'];

describe('an OpenTelemetry context manager: bind', () => {
  describeEach(managers, (make) => {
    for (const state of ['enabled', 'disabled']) {
      const makeSo = () => (state === 'enabled' ? make() : make().disable());

      it(`returns what is neither a function nor an emitter as it is, when ${state}`, () => {
        const manager = makeSo();
        for (const target of [{ a: 1 }, null, undefined, 'text', 1]) {
          assert.strictEqual(manager.bind(one, target), target);
        }
      });

      it(`returns an emitter itself, when ${state}`, () => {
        const emitter = new EventEmitter();
        assert.strictEqual(makeSo().bind(one, emitter), emitter);
      });

      it(`has the context active in a bound function and in a listener, when ${state}`, () => {
        const manager = makeSo();
        assert.strictEqual(manager.bind(one, () => manager.active())(), one);
        let seen;
        manager
          .bind(one, new EventEmitter())
          .on('event', () => (seen = manager.active()))
          .emit('event');
        assert.strictEqual(seen, one);
        assert.strictEqual(manager.active(), ROOT_CONTEXT);
      });
    }

    it('passes this, the arguments, the result and errors of a bound function through', () => {
      const manager = make();
      const error = new Error('of the function');
      function target(...args) {
        if (args.length === 0) throw error;
        return [this, ...args];
      }
      const self = { bound: manager.bind(one, target) };
      assert.deepStrictEqual(self.bound(1, 2), [self, 1, 2]);
      assert.throws(self.bound, (thrown) => thrown === error);
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });

    it('keeps the length of a bound function', () => {
      assert.strictEqual(make().bind(one, (a, b) => [a, b]).length, 2);
    });

    it('carries the context of a bound function and of a listener on', async () => {
      const manager = make();
      const look = async () => {
        await nextTurn();
        return manager.active();
      };
      assert.strictEqual(await manager.bind(one, look)(), one);
      let seen;
      manager
        .bind(two, new EventEmitter())
        .on('event', () => (seen = look()))
        .emit('event');
      assert.strictEqual(await seen, two);
    });

    it('lets each of two managers bind a function and an emitter', () => {
      const manager = make();
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
    });

    for (const add of adders) {
      it(`has the context active in a listener that ${add} put on an emitter`, () => {
        const manager = make();
        const emitter = manager.bind(one, new EventEmitter());
        const seen = [];
        assert.strictEqual(
          emitter[add]('event', (...args) => seen.push([manager.active(), ...args])),
          emitter,
        );
        manager.with(two, () => emitter.emit('event', 'a', 'b'));
        assert.deepStrictEqual(seen, [[one, 'a', 'b']]);
        assert.strictEqual(emitter.listenerCount('event'), add.toLowerCase().includes('once') ? 0 : 1);
      });

      for (const remove of ['removeListener', 'off']) {
        it(`removes with ${remove} what ${add} put on an emitter`, () => {
          const emitter = make().bind(one, new EventEmitter());
          const listener = () => assert.fail('it was called');
          emitter[add]('event', listener);
          assert.strictEqual(emitter.listenerCount('event'), 1);
          emitter[remove]('event', listener);
          assert.strictEqual(emitter.listenerCount('event'), 0);
          emitter.emit('event');
        });
      }
    }

    it('removes all listeners, of one event and of all', () => {
      const emitter = make().bind(one, new EventEmitter());
      for (const event of ['a', 'b', 'c']) emitter.on(event, () => assert.fail('it was called'));
      emitter.removeAllListeners('a');
      assert.deepStrictEqual(emitter.eventNames(), ['b', 'c']);
      emitter.removeAllListeners();
      assert.deepStrictEqual(emitter.eventNames(), []);
    });

    it('lets a listener take itself and the others off', () => {
      const manager = make();
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
      emitter.emit('event');
      emitter.emit('event');
      assert.deepStrictEqual(seen, [one, one]);
      assert.strictEqual(emitter.listenerCount('event'), 0);
    });

    it('leaves the listeners alone that were on an emitter before', () => {
      const manager = make();
      const emitter = new EventEmitter();
      const seen = [];
      const listener = () => seen.push(manager.active());
      emitter.on('event', listener);
      manager.bind(one, emitter);
      manager.with(two, () => emitter.emit('event'));
      emitter.removeListener('event', listener);
      emitter.emit('event');
      assert.deepStrictEqual(seen, [two]);
    });

    it('leaves an emitter with the first context that it was bound to', () => {
      const manager = make();
      const emitter = manager.bind(two, manager.bind(one, new EventEmitter()));
      let seen;
      emitter.on('event', () => (seen = manager.active()));
      emitter.emit('event');
      assert.strictEqual(seen, one);
    });

    it('hides what is active if an emitter was bound to the root context', () => {
      const manager = make();
      const emitter = manager.bind(ROOT_CONTEXT, new EventEmitter());
      let seen;
      emitter.on('event', () => (seen = manager.active()));
      manager.with(one, () => emitter.emit('event'));
      assert.strictEqual(seen, ROOT_CONTEXT);
    });

    it('has the context active in what was bound before it was disabled', () => {
      const manager = make();
      const bound = manager.bind(one, () => manager.active());
      const emitter = manager.bind(two, new EventEmitter());
      let seen;
      emitter.on('event', () => (seen = manager.active()));
      manager.disable();
      emitter.emit('event');
      assert.deepStrictEqual([bound(), seen], [one, two]);
      assert.strictEqual(manager.active(), ROOT_CONTEXT);
    });
  });

  it('shows what it was given: the name of a bound function, the listeners of a bound emitter', () => {
    const manager = new ContextManager();
    function named() {}
    assert.strictEqual(manager.bind(one, named).name, 'named');
    const emitter = manager.bind(one, new EventEmitter());
    for (const add of adders) emitter[add]('event', named);
    assert.deepStrictEqual(
      emitter.listeners('event'),
      adders.map(() => named),
    );
  });
});
