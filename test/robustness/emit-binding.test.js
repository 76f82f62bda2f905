'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const vm = require('node:vm');

const { createNamespace } = require('context');

const { slotOf } = require('../../lib/api/namespace');
const { bindEmit, prepareEmit } = require('../../lib/emitters/emit-binding');

const namespace = createNamespace('carried emitters');

/** Has an emitter carry a context, and returns what its listener sees. */
function seenBy(emitter) {
  const seen = [];
  emitter.on('event', (value) => seen.push([namespace.get('id'), value]));
  namespace.createContext({ id: 'carried' }).run(() => bindEmit(emitter, slotOf(namespace)));
  namespace.createContext({ id: 'other' }).run(() => emitter.emit('event', 1));
  emitter.emit('event', 2);
  assert.strictEqual(namespace.isActive(), false);
  return seen;
}

const carried = [
  ['carried', 1],
  ['carried', 2],
];
const notCarried = [
  ['other', 1],
  [undefined, 2],
];

/** An emitter whose class has an `emit` that is described. */
function withInherited(descriptor) {
  class Emitter extends EventEmitter {}
  Object.defineProperty(Emitter.prototype, 'emit', { configurable: false, ...descriptor });
  return new Emitter();
}

/** An emitter that has an `emit` of its own. */
function withOwn(descriptor) {
  const { emit } = EventEmitter.prototype;
  return Object.defineProperty(new EventEmitter(), 'emit', { value: emit, ...descriptor });
}

/** A class that was prepared, and what is done to it then. */
function prepared(prototype = {}) {
  class Emitter extends EventEmitter {}
  prepareEmit(Emitter.prototype);
  return Object.assign(class extends Emitter {}.prototype, prototype).constructor;
}

describe('an emitter carries a context', () => {
  const { emit } = EventEmitter.prototype;
  const emitters = {
    'as it is': () => new EventEmitter(),
    'if its class is frozen': () => withInherited({ value: emit, writable: false }),
    'if its class has a setter that throws': () =>
      withInherited({
        get: () => emit,
        set() {
          throw new Error('of the application');
        },
      }),
    'if it has an emit that can only be defined anew': () => withOwn({ configurable: true }),
    'of a prepared class': () => new (prepared())(),
    'of a prepared class, if it has an emit of its own': () => {
      const Emitter = prepared();
      return Object.assign(new Emitter(), {
        emit(...args) {
          return Emitter.prototype.emit.apply(this, args);
        },
      });
    },
    'of a prepared class, whose subclass does not call its emit': () => new (prepared({ emit }))(),
    'of a prepared class, whose emit was replaced later': () => {
      const emitter = new (prepared())();
      const prototype = Object.getPrototypeOf(Object.getPrototypeOf(emitter));
      const { emit: before } = prototype;
      prototype.emit = function (...args) {
        return before.apply(this, args);
      };
      return emitter;
    },
    'if it has no prototype of events': () => Object.setPrototypeOf({ ...EventEmitter.prototype, _events: undefined }, null),
  };
  for (const [name, make] of Object.entries(emitters)) {
    it(name, () => assert.deepStrictEqual(seenBy(make()), carried));
  }

  it('and shows nothing of it', () => {
    const emitter = new EventEmitter();
    const keys = Reflect.ownKeys(emitter);
    seenBy(emitter);
    assert.deepStrictEqual(
      Reflect.ownKeys(emitter).filter((key) => !keys.includes(key)),
      ['emit'],
    );
  });

  it('of a prepared class without a property, also if it is frozen, and others of that class do not', () => {
    const Emitter = prepared();
    const [emitter, other] = [new Emitter(), new Emitter()];
    const seen = [];
    for (const each of [emitter, other]) {
      each.on('event', function (...args) {
        seen.push([namespace.get('id'), this === each, args.length]);
      });
    }
    const keys = Reflect.ownKeys(emitter);
    Object.freeze(emitter);
    namespace.createContext({ id: 'carried' }).run(() => bindEmit(emitter, slotOf(namespace)));
    prepareEmit(Object.getPrototypeOf(Emitter.prototype));
    assert.deepStrictEqual([emitter.emit('event', 1, 2), other.emit('event'), emitter.emit('unheard')], [true, true, false]);
    assert.deepStrictEqual([seen, Reflect.ownKeys(emitter)], [[['carried', true, 2], [undefined, true, 0]], keys]); // prettier-ignore
    assert.throws(() => emitter.emit('error', new Error('unheard')), /unheard/);
    assert.throws(() => emitter.emit.call(undefined, 'event'), TypeError);
    const heir = Object.create(emitter);
    heir.emit('event');
    assert.deepStrictEqual(seen[2].slice(0, 1), [undefined]);
    assert.strictEqual(namespace.isActive(), false);
  });

  it('by itself, not by its heirs', () => {
    const emitter = new EventEmitter();
    assert.deepStrictEqual(seenBy(emitter), carried);
    const heir = Object.create(emitter);
    let seen;
    emitter.on('heir', () => (seen = namespace.get('id')));
    heir.emit('heir');
    assert.strictEqual(seen, undefined);
    namespace.createContext({ id: 'of the heir' }).run(() => bindEmit(heir, slotOf(namespace)));
    heir.emit('heir');
    assert.strictEqual(seen, 'of the heir');
    emitter.emit('heir');
    assert.strictEqual(seen, 'carried');
  });

  it('of the last call, and those of several namespaces', () => {
    const other = createNamespace('carried emitters, too');
    const emitter = new EventEmitter();
    seenBy(emitter);
    namespace.createContext({ id: 'last' }).run(() => bindEmit(emitter, slotOf(namespace)));
    other.createContext({ id: 'too' }).run(() => bindEmit(emitter, slotOf(other)));
    let seen;
    emitter.on('both', () => (seen = [namespace.get('id'), other.get('id')]));
    emitter.emit('both');
    assert.deepStrictEqual(seen, ['last', 'too']);
  });

  describe('that is active already, and leaves', () => {
    const other = createNamespace('carried emitters, beside');

    /** Emits to a listener in the context that an emitter carries, then calls a function there. */
    function emitInside(listener, then = () => {}) {
      const emitter = new (prepared())();
      emitter.on('event', listener);
      const context = namespace.createContext();
      context.run(() => {
        bindEmit(emitter, slotOf(namespace));
        try {
          emitter.emit('event');
        } catch (error) {
          assert.strictEqual(error.code, 'ERR_SCRIPT_EXECUTION_TIMEOUT');
        }
        assert.strictEqual(namespace.active, context);
        then();
      });
      assert.strictEqual(namespace.isActive(), false);
    }

    /** Runs a context until the script is terminated: that call is never left. */
    const terminate = (context) => {
      const f = () => context.run(() => { for (;;); }); // prettier-ignore
      vm.runInNewContext('f()', { f }, { timeout: 10 });
    };

    it('what a listener enters in its namespace, not in another one', () => {
      const context = other.createContext();
      emitInside(
        () => {
          namespace.createContext().enter();
          context.enter();
        },
        () => assert.strictEqual(other.active, context),
      );
      context.exit();
    });

    it('what a script with a timeout has entered in any, but nothing around', () => {
      const around = other.createContext();
      other.run(() => {
        around.enter();
        emitInside(
          () => terminate(other.createContext()),
          () => assert.strictEqual(other.active, around),
        );
      });
      assert.strictEqual(other.isActive(), false);
    });

    it('what such a script has entered again, so that what comes later stays', () => {
      const [known, later] = [0, 0].map(() => other.createContext());
      known.run(() => {
        emitInside(
          () => terminate(known),
          () => later.enter(),
        );
        assert.strictEqual(other.active, later);
      });
      assert.strictEqual(other.isActive(), false);
    });
  });

  it('not at all if it takes no method', () => {
    assert.deepStrictEqual(seenBy(withOwn({ configurable: false })), notCarried);
    const frozen = new EventEmitter();
    const seen = [];
    frozen.on('event', () => seen.push(namespace.get('id')));
    Object.freeze(frozen);
    namespace.createContext({ id: 'carried' }).run(() => bindEmit(frozen, slotOf(namespace)));
    frozen.emit('event');
    assert.deepStrictEqual(seen, [undefined]);
  });
});
