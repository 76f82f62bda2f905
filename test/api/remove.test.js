'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { PassThrough } = require('node:stream');

const { createNamespace, destroyNamespace } = require('context');

const { watchCollection } = require('../support/collected');
const { assertSame } = require('../support/contexts');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('remove');
const other = createNamespace('remove.other');
const create = () => namespace.createContext();
const outside = [namespace.active, other.active];

/** What the listeners of an event run in, by the namespace. */
function activeIn(emitter, event) {
  const seen = [];
  emitter.on(event, () => seen.push(namespace.active, other.active));
  emitter.emit(event);
  return seen;
}

describe('remove', () => {
  for (const [what, make] of Object.entries({
    'an emitter': () => new EventEmitter(),
    'a stream': () => new PassThrough(),
    'an emitter with a method of its own': () => Object.assign(new EventEmitter(), { on: EventEmitter.prototype.on }),
  })) {
    it(`has new listeners run as if it had never been added, and leaves those that are on it: ${what}`, () => {
      const [context, around] = [create(), create()];
      const emitter = make();
      const before = Object.getOwnPropertyDescriptors(emitter);
      context.add(emitter);
      const kept = mustCall(() => assertActive(context), 2);
      emitter.on('kept', kept).once('once', kept);
      assert.strictEqual(context.remove(emitter), emitter);
      assertSame(activeIn(emitter, 'new'), outside);
      around.run(() => assert.strictEqual(activeIn(emitter, 'newer')[0], around));
      emitter.emit('kept');
      emitter.emit('once');
      assertSame(emitter.listeners('kept'), [kept]);
      emitter.off('kept', kept);
      assert.deepStrictEqual([emitter.listenerCount('kept'), emitter.listenerCount('once')], [0, 0]);
      emitter.removeAllListeners();
      assert.deepStrictEqual(Reflect.ownKeys(emitter), Reflect.ownKeys(before));
      assert.strictEqual(emitter.on, before.on?.value ?? Object.getPrototypeOf(emitter).on);
    });
  }

  it('frees the emitter of one namespace and leaves the others, in any order', () => {
    const [a, b] = [create(), other.createContext()];
    for (const [first, second, left] of [
      [a, b, [outside[0], b]],
      [b, a, [a, outside[1]]],
    ]) {
      const emitter = a.add(b.add(new EventEmitter()));
      first.remove(emitter);
      assertSame(activeIn(emitter, 'one'), left);
      second.remove(emitter);
      assertSame(activeIn(emitter, 'none'), outside);
      second.add(emitter);
      assertSame(activeIn(emitter, 'again'), left);
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
    assertSame(activeIn(emitter, 'none'), outside);
  });

  it('undoes an add of the default context, too', () => {
    const emitter = outside[0].add(new EventEmitter());
    const context = create();
    context.run(() => assertSame(activeIn(emitter, 'default'), outside));
    outside[0].remove(emitter);
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
});
