'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { createNamespace } = require('context');

const { touch } = require('./values');

const namespace = createNamespace('trust.emitters');
const other = createNamespace('trust.emitters.other');
const outside = [namespace.active, other.active];

const methods = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener', 'rawListeners'];
const activeNow = () => [namespace.active, other.active];

/** Asserts that contexts are the same ones: of two that are alike, deepStrictEqual would say they are equal. */
function assertContexts(actual, expected) {
  assert.ok(actual.length === expected.length && actual.every((context, index) => context === expected[index]));
}

/** What is active in a listener that a method puts on an emitter. */
function activeIn(emitter, method = 'on', fire = (event) => emitter.emit(event)) {
  let seen;
  const listener = () => (seen = activeNow());
  emitter[method]('listened', listener);
  fire('listened');
  emitter.removeListener('listened', listener);
  assert.strictEqual(emitter.listenerCount('listened'), 0);
  assertContexts(activeNow(), outside);
  return seen;
}

describe('an emitter that throws in the middle of add', () => {
  /** By what it does, what makes one out of an emitter, for one of its methods. */
  const refusals = {
    'reading a method throws': (emitter, name) => Object.defineProperty(emitter, name, { get: touch, configurable: true }),
    'a method cannot be replaced': (emitter, name) => Object.defineProperty(emitter, name, { value: emitter[name] }),
    'a trap throws': (emitter, name) => {
      const defineProperty = (target, key, description) => {
        if (key === name) touch();
        return Reflect.defineProperty(target, key, description);
      };
      return new Proxy(emitter, { defineProperty });
    },
    'a trap says no': (emitter, name) => {
      const defineProperty = (target, key, description) => key !== name && Reflect.defineProperty(target, key, description);
      return new Proxy(emitter, { defineProperty });
    },
  };

  for (const [what, make] of Object.entries(refusals)) {
    for (const name of methods) {
      it(`is refused and left as it was: ${what}, ${name}`, () => {
        const context = namespace.createContext();
        const target = new EventEmitter();
        const emitter = make(target, name);
        const before = Object.getOwnPropertyDescriptors(target);
        for (let time = 0; time < 2; time++) {
          assert.throws(() => context.add(emitter), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
          assert.deepStrictEqual(Object.getOwnPropertyDescriptors(target), before);
        }
        const works = name === 'on' ? 'addListener' : 'on';
        assertContexts(activeIn(target, works), outside);
        // Once it takes all methods, it is added as if nothing had been.
        if (what !== 'reading a method throws') return;
        delete target[name];
        context.add(target);
        for (const method of methods.slice(0, 5)) assert.strictEqual(activeIn(target, method)[0], context);
      });
    }
  }
});

describe('an emitter that comes back in the middle of add', () => {
  /** An emitter that does something when one of its methods is read for the first time after it was made. */
  function returning(name, work) {
    const emitter = new EventEmitter();
    let left = 1;
    const get = () => {
      if (left-- > 0) work(emitter);
      return EventEmitter.prototype[name];
    };
    return Object.defineProperty(emitter, name, { get, configurable: true });
  }

  for (const name of methods) {
    it(`may add itself to the same context: ${name}`, () => {
      const context = namespace.createContext();
      const emitter = returning(name, (one) => context.add(one));
      context.add(emitter);
      for (const method of methods.slice(0, 5)) assertContexts(activeIn(emitter, method), [context, outside[1]]);
      const listener = () => {};
      emitter.once('event', listener);
      emitter.on('event', listener);
      assert.deepStrictEqual(emitter.listeners('event'), [listener, listener]);
      assert.strictEqual(emitter.rawListeners('event')[1], listener);
    });

    it(`may add itself to a context of another namespace: ${name}`, () => {
      const contexts = [namespace.createContext(), other.createContext()];
      const emitter = returning(name, (one) => contexts[1].add(one));
      contexts[0].add(emitter);
      for (const method of methods.slice(0, 5)) assertContexts(activeIn(emitter, method), contexts);
    });

    it(`may run, enter and leave contexts: ${name}`, () => {
      const context = namespace.createContext();
      const emitter = returning(name, () => {
        namespace.run(() => other.run(() => {}));
        const entered = other.createContext();
        entered.enter();
        entered.exit();
        assert.throws(() => namespace.run(touch));
      });
      context.add(emitter);
      assertContexts(activeIn(emitter), [context, outside[1]]);
    });
  }

  it('may add listeners while one is added or removed', () => {
    const context = namespace.createContext();
    const emitter = context.add(new EventEmitter());
    const seen = [];
    emitter.once('newListener', () => emitter.on('event', () => seen.push(namespace.active)));
    emitter.once('removeListener', () => emitter.on('event', () => seen.push(namespace.active)));
    const removed = () => {};
    emitter.on('event', () => seen.push(namespace.active));
    emitter.on('event', removed);
    emitter.off('event', removed);
    emitter.emit('event');
    assertContexts(seen, [context, context, context]);
  });

  it('throws where its own method throws, and the context is not left active', () => {
    const context = namespace.createContext();
    const emitter = context.add(new EventEmitter());
    emitter.once('newListener', touch);
    assert.throws(() => emitter.on('event', () => {}), /touched/);
    assertContexts(activeNow(), outside);
    assert.strictEqual(emitter.listenerCount('event'), 0);
    assertContexts(activeIn(emitter), [context, outside[1]]);
  });
});

describe('an emitter that was added', () => {
  const context = namespace.createContext();

  it('lends its methods to others, who are not added', () => {
    const emitter = context.add(new EventEmitter());
    const borrower = new EventEmitter();
    let seen;
    emitter.on.call(borrower, 'event', () => (seen = activeNow()));
    borrower.emit('event');
    assertContexts(seen, outside);
    assert.throws(() => emitter.on.call(undefined, 'event', () => {}), TypeError);
  });

  it('may be a prototype, or have heirs, which go on working', () => {
    class Own extends EventEmitter {}
    context.add(Own.prototype);
    const heirs = [new Own(), Object.create(context.add(new EventEmitter()))];
    for (const heir of heirs) {
      for (const method of methods.slice(0, 5)) {
        const seen = activeIn(heir, method);
        assert.ok(seen[0] === context || seen[0] === outside[0]);
        assert.strictEqual(seen[1], outside[1]);
      }
    }
  });

  it('may be behind a proxy', () => {
    const target = new EventEmitter();
    const proxy = new Proxy(target, {});
    context.add(proxy);
    assertContexts(activeIn(proxy), [context, outside[1]]);
    assert.strictEqual(activeIn(target)[1], outside[1]);
    const added = context.add(new EventEmitter());
    assert.strictEqual(activeIn(new Proxy(added, {}))[1], outside[1]);
    assertContexts(activeIn(added), [context, outside[1]]);
  });
});
