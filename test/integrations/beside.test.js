'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const others = require('./others');

for (const [name, make] of Object.entries(others)) {
  describe(`a context of a namespace, beside one of ${name}`, () => {
    const namespace = createNamespace(`beside ${name}`);
    const { run, isActive, add } = make();
    const context = namespace.createContext();
    const look = () => [isActive(), namespace.active === context];

    it('is active with it, whichever was entered last, also later', async () => {
      const lookLater = async () => [look(), await nextTurn().then(look)];
      for (const enter of [(fn) => run(() => context.run(fn)), (fn) => context.run(() => run(fn))]) {
        assert.deepStrictEqual(await enter(lookLater), [[true, true], [true, true]]); // prettier-ignore
        assert.deepStrictEqual(look(), [false, false]);
      }
    });

    it('is left to each other if it is entered and not left', () => {
      run(() => context.enter());
      assert.deepStrictEqual(look(), [false, true]);
      run(() => {
        assert.deepStrictEqual(look(), [true, true]);
        context.exit();
        assert.deepStrictEqual(look(), [true, false]);
      });
      assert.deepStrictEqual(look(), [false, false]);
    });

    if (add === undefined) return;

    it('may have the same emitter', () => {
      const emitter = context.add(new EventEmitter());
      add(emitter);
      const seen = [];
      const listener = () => seen.push(look());
      emitter.on('event', listener).once('event', listener).emit('event');
      assert.deepStrictEqual(seen, [[true, true], [true, true]]); // prettier-ignore
      emitter.off('event', listener);
      assert.strictEqual(emitter.listenerCount('event'), 0);
    });
  });
}
