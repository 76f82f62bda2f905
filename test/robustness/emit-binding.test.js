'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { createNamespace } = require('context');

const { slotOf } = require('../../lib/api/namespace');
const { bindEmit } = require('../../lib/emitters/emit-binding');

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

describe('an emitter carries a context', () => {
  const { emit } = EventEmitter.prototype;
  const emitters = {
    'as it is': () => new EventEmitter(),
    'if its class is frozen': () => withInherited({ value: emit, writable: false }),
    'if its class has a getter alone': () => withInherited({ get: () => emit }),
    'if its class has a setter that does nothing': () => withInherited({ get: () => emit, set() {} }),
    'if its class has a setter that throws': () =>
      withInherited({
        get: () => emit,
        set() {
          throw new Error('of the application');
        },
      }),
    'if it has an emit that can only be defined anew': () => withOwn({ configurable: true }),
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
