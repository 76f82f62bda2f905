'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { PassThrough } = require('node:stream');
const { MessageChannel } = require('node:worker_threads');

const { createNamespace, destroyNamespace } = require('context');

const { watchCollection } = require('../support/collected');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('remove');
const other = createNamespace('remove.other');
const create = () => namespace.createContext();

/** What the listeners of an event run in, by the namespace. */
function activeIn(emitter, event) {
  const seen = [];
  emitter.on(event, () => seen.push([namespace.active, other.active]));
  emitter.emit(event);
  return seen[0];
}

/** An emitter of a class that stores functions of its own making, so that the original is found by its `removeListener` alone. */
class Storing extends EventEmitter {
  #stored = new Map();
  on(event, listener) {
    const stored = (...args) => listener.apply(this, args);
    this.#stored.set(listener, stored);
    return super.on(event, stored);
  }
  off(event, listener) {
    return super.off(event, this.#stored.get(listener) ?? listener);
  }
}

describe('remove', () => {
  for (const [what, make] of Object.entries({
    'an emitter': () => new EventEmitter(),
    'a stream': () => new PassThrough(),
    'an emitter with a method of its own': () => Object.assign(new EventEmitter(), { on: EventEmitter.prototype.on }),
  })) {
    it(`has new listeners run as if it had never been added, and leaves those that are on it: ${what}`, () => {
      const context = create();
      const emitter = make();
      const before = Object.getOwnPropertyDescriptors(emitter);
      const outside = namespace.active;
      context.add(emitter);
      const kept = mustCall(() => assertActive(context));
      emitter.on('kept', kept);
      emitter.once(
        'once',
        mustCall(() => assertActive(context)),
      );
      assert.strictEqual(context.remove(emitter), emitter);
      assert.strictEqual(activeIn(emitter, 'new')[0], outside);
      const around = create();
      around.run(() => assert.strictEqual(activeIn(emitter, 'newer')[0], around));
      emitter.emit('kept');
      emitter.emit('once');
      assert.deepStrictEqual(emitter.listeners('kept'), [kept]);
      emitter.off('kept', kept);
      assert.deepStrictEqual([emitter.listenerCount('kept'), emitter.listenerCount('once')], [0, 0]);
      emitter.removeAllListeners();
      assert.deepStrictEqual(Reflect.ownKeys(emitter), Reflect.ownKeys(before));
      assert.strictEqual(emitter.on, before.on?.value ?? Object.getPrototypeOf(emitter).on);
    });
  }

  it('takes one namespace away and leaves the others, in any order', () => {
    const [a, b] = [create(), other.createContext()];
    const outside = [namespace.active, other.active];
    for (const [first, second] of [
      [a, b],
      [b, a],
    ]) {
      const emitter = a.add(b.add(new EventEmitter()));
      first.remove(emitter);
      assert.deepStrictEqual(activeIn(emitter, 'one'), first === a ? [outside[0], b] : [a, outside[1]]);
      second.remove(emitter);
      assert.deepStrictEqual(activeIn(emitter, 'none'), outside);
      second.add(emitter);
      assert.deepStrictEqual(activeIn(emitter, 'again'), first === a ? [outside[0], b] : [a, outside[1]]);
    }
  });

  it('does nothing if the emitter was not added, was removed before, or has another context of the namespace', () => {
    const [a, b] = [create(), create()];
    const emitter = new EventEmitter();
    assert.strictEqual(a.remove(emitter), emitter);
    assert.deepStrictEqual(Reflect.ownKeys(emitter), Reflect.ownKeys(new EventEmitter()));
    a.add(emitter);
    b.add(emitter);
    a.remove(emitter);
    assert.strictEqual(activeIn(emitter, 'b')[0], b);
    b.remove(emitter);
    b.remove(emitter);
    assert.strictEqual(activeIn(emitter, 'none')[0], namespace.active);
  });

  it('takes the default context away, too', () => {
    const emitter = namespace.active.add(new EventEmitter());
    const outside = namespace.active;
    const context = create();
    context.run(() => assert.strictEqual(activeIn(emitter, 'default')[0], outside));
    outside.remove(emitter);
    context.run(() => assert.strictEqual(activeIn(emitter, 'none')[0], context));
  });

  it('leaves what others have put in place of a method since, and goes on working', () => {
    const context = create();
    const emitter = context.add(new EventEmitter());
    const added = emitter.on;
    let calls = 0;
    const patch = function (...args) {
      calls++;
      return added.apply(this, args);
    };
    emitter.on = patch;
    for (let round = 0; round < 3; round++) {
      context.remove(emitter);
      assert.strictEqual(emitter.on, patch);
      assert.strictEqual(activeIn(emitter, `none ${round}`)[0], namespace.active);
      context.add(emitter);
      assert.strictEqual(activeIn(emitter, `added ${round}`)[0], context);
    }
    assert.strictEqual(calls, 6);
  });

  it('works with a frozen emitter that was added before', () => {
    const context = create();
    const emitter = Object.freeze(context.add(new EventEmitter().on('event', () => {})));
    context.remove(emitter);
    assert.strictEqual(activeIn(emitter, 'event')[0], namespace.active);
    assert.strictEqual(context.add(emitter), emitter);
  });

  it('has off find what a subclass has stored its own way, however often it is added and removed', () => {
    const context = create();
    const emitter = new Storing();
    const listener = () => assert.fail('was not removed');
    for (let round = 0; round < 3; round++) {
      context.add(emitter);
      emitter.on('event', listener);
      context.remove(emitter);
      emitter.off('event', listener);
      assert.strictEqual(emitter.listenerCount('event'), 0);
      assert.strictEqual(activeIn(emitter, `none ${round}`)[0], namespace.active);
    }
  });

  it('frees the namespace and the context', async () => {
    const { watch, collected } = watchCollection();
    const emitter = new EventEmitter();
    for (let i = 0; i < 20; i++) {
      const own = createNamespace('remove.own');
      const context = own.createContext();
      context.add(emitter);
      emitter.once('event', () => {});
      emitter.emit('event');
      context.remove(emitter);
      destroyNamespace('remove.own');
      watch(own);
      watch(context);
    }
    await collected(38);
    assert.deepStrictEqual(Reflect.ownKeys(emitter), Reflect.ownKeys(new EventEmitter()));
  });

  const { port1 } = new MessageChannel();
  for (const value of [undefined, null, 1, 'text', {}, () => {}, { on() {} }, new EventTarget(), port1]) {
    it(`refuses ${Object.prototype.toString.call(value)} ${typeof value}`, () => {
      const expected = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /^emitter must be/ };
      assert.throws(() => create().remove(value), expected);
    });
  }
});
