'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { createNamespace } = require('context');

const { assertSame } = require('../support/contexts');
const { touch } = require('./values');

const namespace = createNamespace('trust.emitters');
const other = createNamespace('trust.emitters.other');
const outside = [namespace.active, other.active];

const adders = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'];
const methods = [...adders, 'rawListeners'];
const activeNow = () => [namespace.active, other.active];

/** What is active in a listener that a method puts on an emitter. */
function activeIn(emitter, method = 'on') {
  let seen;
  const listener = () => (seen = activeNow());
  emitter[method]('listened', listener);
  emitter.emit('listened');
  emitter.removeListener('listened', listener);
  assert.strictEqual(emitter.listenerCount('listened'), 0);
  assertSame(activeNow(), outside);
  return seen;
}

describe('an emitter that throws in the middle of add', () => {
  /** By what it does, what makes one out of an emitter, for one of its methods. */
  const refusals = {
    'reading a method throws': (emitter, name) => Object.defineProperty(emitter, name, { get: touch, configurable: true }),
    'a method cannot be replaced': (emitter, name) => Object.defineProperty(emitter, name, { value: emitter[name] }),
    'a trap throws': (emitter, name) => {
      const defineProperty = (target, key, description) =>
        key === name ? touch() : Reflect.defineProperty(target, key, description);
      return new Proxy(emitter, { defineProperty });
    },
    'a trap says no': (emitter, name) => {
      const defineProperty = (target, key, description) => key !== name && Reflect.defineProperty(target, key, description);
      return new Proxy(emitter, { defineProperty });
    },
  };

  for (const [what, make] of Object.entries(refusals)) {
    it(`is refused and left as it was: ${what}`, () => {
      for (const name of methods) {
        const context = namespace.createContext();
        const target = new EventEmitter();
        const emitter = make(target, name);
        const before = Object.getOwnPropertyDescriptors(target);
        for (let time = 0; time < 2; time++) {
          assert.throws(() => context.add(emitter), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
          assert.deepStrictEqual(Object.getOwnPropertyDescriptors(target), before);
        }
        assertSame(activeIn(target, name === 'on' ? 'addListener' : 'on'), outside);
        // Once all methods are in order, it is added as if nothing had been.
        if (what !== 'reading a method throws') continue;
        delete target[name];
        context.add(target);
        for (const adder of adders) assert.strictEqual(activeIn(target, adder)[0], context);
      }
    });
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

  const works = {
    'adds itself to the same context': (emitter, [context]) => context.add(emitter),
    'adds itself to a context of another namespace': (emitter, contexts) => contexts[1].add(emitter),
    'runs, enters and leaves contexts': () => {
      namespace.run(() => other.run(() => {}));
      const entered = other.createContext();
      entered.enter();
      entered.exit();
      assert.throws(() => namespace.run(touch));
    },
  };
  for (const [what, work] of Object.entries(works)) {
    it(`is added as ever if it ${what}`, () => {
      for (const name of methods) {
        const contexts = [namespace.createContext(), other.createContext()];
        const emitter = contexts[0].add(returning(name, (one) => work(one, contexts)));
        const expected = [contexts[0], what.includes('another') ? contexts[1] : outside[1]];
        for (const adder of adders) assertSame(activeIn(emitter, adder), expected);
        const listener = () => {};
        emitter.once('event', listener).on('event', listener);
        assertSame(emitter.listeners('event'), [listener, listener]);
        assert.strictEqual(emitter.rawListeners('event')[1], listener);
      }
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
    assertSame(seen, [context, context, context]);
  });

  it('throws if its own method throws, and the context is not left active', () => {
    const context = namespace.createContext();
    const emitter = context.add(new EventEmitter());
    emitter.once('newListener', touch);
    assert.throws(() => emitter.on('event', () => {}), /touched/);
    assertSame(activeNow(), outside);
    assert.strictEqual(emitter.listenerCount('event'), 0);
    assertSame(activeIn(emitter), [context, outside[1]]);
  });
});

describe('an emitter that was added', () => {
  const context = namespace.createContext();

  it('has methods that others may borrow, and these are not added', () => {
    const emitter = context.add(new EventEmitter());
    const borrower = new EventEmitter();
    let seen;
    emitter.on.call(borrower, 'event', () => (seen = activeNow()));
    borrower.emit('event');
    assertSame(seen, outside);
    assert.throws(() => emitter.on.call(undefined, 'event', () => {}), TypeError);
  });

  it('may be a prototype: what inherits from it goes on working', () => {
    class Own extends EventEmitter {}
    context.add(Own.prototype);
    const inheriting = [new Own(), Object.create(context.add(new EventEmitter()))];
    for (const one of inheriting) {
      for (const method of adders) assertSame(activeIn(one, method), outside);
    }
  });

  it('may be behind a proxy', () => {
    const target = new EventEmitter();
    const proxy = new Proxy(target, {});
    context.add(proxy);
    assertSame(activeIn(proxy), [context, outside[1]]);
    assert.strictEqual(activeIn(target)[1], outside[1]);
    const added = context.add(new EventEmitter());
    assert.strictEqual(activeIn(new Proxy(added, {}))[1], outside[1]);
    assertSame(activeIn(added), [context, outside[1]]);
  });
});

it('an emitter that is not one of Node.js is refused, and left as it was', () => {
  // As EventEmitter3 and component-emitter, and what Node.js itself has besides.
  const own = Object.fromEntries(['emit', 'on', 'once', 'removeListener', 'listeners'].map((name) => [name, () => {}]));
  const { port1 } = new MessageChannel();
  const refusal = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /^emitter must be a Node\.js EventEmitter/ };
  for (const emitter of [
    own,
    Object.create(own),
    port1,
    Object.create(port1.constructor.prototype, { emit: { value() {} } }),
  ]) {
    const before = Object.getOwnPropertyDescriptors(emitter);
    assert.throws(() => namespace.createContext().add(emitter), refusal);
    assert.deepStrictEqual(Object.getOwnPropertyDescriptors(emitter), before);
  }
});

/** Subclasses that keep listeners in their own way, as what adds `off` to an old interface or instruments another. */
const subclasses = {
  'that passes on': class extends EventEmitter {
    on(type, listener) {
      return super.on(type, listener);
    }

    removeListener(type, listener) {
      return super.removeListener(type, listener);
    }
  },
  'that stores another function, by a map': class extends EventEmitter {
    #made = new Map();

    on(type, listener) {
      const made = function (...args) {
        return Reflect.apply(listener, this, args);
      };
      this.#made.set(listener, [...(this.#made.get(listener) ?? []), { type, made }]);
      return super.on(type, made);
    }

    off(type, listener) {
      const made = this.#made.get(listener) ?? [];
      const index = made.findLastIndex((each) => each.type === type);
      return index === -1 ? this : super.off(type, made.splice(index, 1)[0].made);
    }

    addListener(type, listener) {
      return this.on(type, listener);
    }

    removeListener(type, listener) {
      return this.off(type, listener);
    }
  },
  'that stores another function, by addListener': class extends EventEmitter {
    #made = {};

    on(type, listener) {
      const made = (...args) => listener.apply(this, args);
      (this.#made[type] ??= new WeakMap()).set(listener, made);
      return this.addListener(type, made);
    }

    off(type, listener) {
      return super.removeListener(type, this.#made[type]?.get(listener) ?? listener);
    }
  },
  'that is a front of another emitter': class extends EventEmitter {
    #kept = [];
    #of = (type) => this.#kept.filter((each) => each.type === type).map(({ listener }) => listener);
    listeners = this.#of;
    listenerCount = (type) => this.#of(type).length;
    rawListeners = this.#of;
    emit = (type, ...args) => this.#of(type).map((listener) => listener.apply(this, args)).length > 0;

    on(type, listener) {
      this.#kept.push({ type, listener });
      return this;
    }

    off(type, listener) {
      this.#kept = this.#kept.filter((each) => each.type !== type || each.listener !== listener);
      return this;
    }
  },
};

describe('a subclass of emitters', () => {
  for (const [what, Class] of Object.entries(subclasses)) {
    it(`removes what was added, as without a context: one ${what}`, () => {
      const context = namespace.createContext();
      const plainly = (emitter) => emitter;
      const [plain, added] = [plainly, (emitter) => context.add(emitter)].map((prepare) => {
        const emitter = new Class();
        const seen = [];
        const before = () => seen.push('before');
        const listener = function (...args) {
          seen.push([this === emitter, namespace.active === (prepare === plainly ? outside[0] : context), ...args]);
        };
        const emit = (...args) => seen.push(['emitted', emitter.emit('event', ...args), emitter.emit('other')]);
        emitter.on('event', before);
        prepare(emitter);
        emitter.on('event', listener).on('other', listener);
        emit(1, 2);
        emitter.off('event', listener);
        emit();
        emitter.off('event', listener).off('event', () => {});
        emit();
        emitter.on('event', listener).on('third', listener);
        emit();
        for (const type of ['event', 'other', 'third']) emitter.off(type, listener);
        emitter.off('event', before);
        emit();
        return seen;
      });
      assert.deepStrictEqual(added, plain);
      assert.ok(plain.flat().filter((each) => each === true).length > 8);
    });
  }

  it('removes what was added before and after', () => {
    const emitter = new subclasses['that stores another function, by a map']();
    const context = namespace.createContext();
    const seen = [];
    const listener = () => seen.push(namespace.active === context);
    emitter.on('event', listener);
    context.add(emitter);
    emitter.on('event', listener).on('event', listener);
    const left = [];
    for (let times = 0; times < 4; times++) {
      emitter.emit('event');
      left.push(seen.splice(0));
      emitter.off('event', listener);
    }
    assert.deepStrictEqual(left, [[false, true, true], [false, true], [false], []]);
  });

  it('removes what was added, however often it is added to a context and removed from that', () => {
    const emitter = new subclasses['that stores another function, by a map']();
    const context = namespace.createContext();
    const listener = () => assert.fail('was not removed');
    for (let round = 0; round < 3; round++) {
      context.add(emitter);
      emitter.on('event', listener);
      context.remove(emitter);
      emitter.off('event', listener);
      assert.strictEqual(emitter.listenerCount('event'), 0);
      assertSame(activeIn(emitter), outside);
    }
  });

  it('removes what was added after a listener that it did not keep', () => {
    class Ready extends EventEmitter {
      isReady = true;

      on(type, listener) {
        if (!this.isReady) return super.on(type, listener);
        listener();
        return this;
      }
    }
    const emitter = namespace.createContext().add(new Ready());
    let calls = 0;
    const listener = () => calls++;
    emitter.on('ready', listener);
    emitter.isReady = false;
    emitter.on('ready', listener);
    emitter.off('ready', listener);
    assert.deepStrictEqual([emitter.emit('ready'), calls], [false, 1]);
  });

  it('has its methods called no more than without a context', () => {
    const calls = [];
    class Counting extends EventEmitter {
      on(...args) {
        calls.push(['on', args.length]);
        return super.on(...args);
      }

      removeListener(...args) {
        calls.push(['removeListener', args.length]);
        return super.removeListener(...args);
      }
    }
    const listener = () => {};
    const results = [new Counting(), namespace.createContext().add(new Counting())].map((emitter) => {
      const events = [];
      emitter.on('newListener', (type) => events.push(['new', type]));
      emitter.on('removeListener', (type) => events.push(['remove', type]));
      calls.splice(0);
      emitter.on('event', listener, 'third', 'fourth').once('event', listener);
      emitter.removeListener('event', listener, 'third');
      emitter.off('event', listener);
      return [events, calls.splice(0), emitter.listenerCount('event')];
    });
    assert.deepStrictEqual(results[1], results[0]);
    assert.deepStrictEqual(calls, []);
  });

  it('gets all arguments', () => {
    const passed = [];
    class Taking extends EventEmitter {
      on(type, listener, ...rest) {
        passed.push(rest);
        return super.on(type, listener);
      }

      rawListeners(type, ...rest) {
        passed.push(rest);
        return super.rawListeners(type);
      }
    }
    const emitter = namespace.createContext().add(new Taking());
    const listener = () => {};
    emitter.on('event', listener, { async: true }, 4);
    assert.deepStrictEqual(emitter.rawListeners('event', 'more'), [listener]);
    assert.deepStrictEqual(passed, [[{ async: true }, 4], ['more']]);
  });
});

describe('an emitter of Node.js, of any kind', () => {
  const { Agent, IncomingMessage, ServerResponse } = require('node:http');
  const { Server, Socket } = require('node:net');
  const { Duplex, PassThrough, Readable, Writable } = require('node:stream');
  const on = (...args) => Reflect.apply(EventEmitter.prototype.on, mixin, args);
  const mixin = { ...EventEmitter.prototype, on };
  const kinds = {
    Readable: () => new Readable({ read() {} }),
    Duplex: () => new Duplex({ read() {} }),
    IncomingMessage: () => new IncomingMessage(new Socket()),
    ServerResponse: () => new ServerResponse({ method: 'GET' }),
    ...Object.fromEntries([Writable, PassThrough, Socket, Server, Agent].map((Class) => [Class.name, () => new Class()])),
    process: () => Object.create(process),
    'a mixin': () => Object.assign(() => {}, EventEmitter.prototype),
    'a mixin with an on of its own': () => mixin,
    'an old one': () => {
      function Old() {
        EventEmitter.call(this);
      }
      Object.setPrototypeOf(Old.prototype, EventEmitter.prototype);
      return new Old();
    },
  };

  for (const [what, make] of Object.entries(kinds)) {
    it(`runs its listeners in the context, and removes them: ${what}`, () => {
      const context = namespace.createContext();
      const emitter = make();
      assert.strictEqual(context.add(emitter), emitter);
      for (const method of adders) {
        assertSame(activeIn(emitter, method), [context, outside[1]]);
        const listener = () => assert.fail('was not removed');
        emitter[method]('listened', listener);
        emitter.off('listened', listener);
        emitter.emit('listened');
      }
    });
  }
});
