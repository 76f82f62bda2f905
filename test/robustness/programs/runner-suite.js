'use strict';

/**
 * Tests as applications have them, for node:test and for Jest alike: the package is in the code that is tested. What both
 * runners have under the same names is all that is used.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');

const context = require('../../..');

// Jest's are globals.
const { afterEach, beforeEach, describe, it } = globalThis.describe === undefined ? require('node:test') : globalThis;

/* global jest -- Jest gives it to each module; it is no property of globalThis */

/** Runs a function with timers that the test advances. */
function withFakeTimers(body) {
  if (typeof jest === 'undefined') {
    const { timers } = require('node:test').mock;
    timers.enable({ apis: ['setTimeout'] });
    body((ms) => timers.tick(ms));
    timers.reset();
  } else {
    jest.useFakeTimers();
    body((ms) => jest.advanceTimersByTime(ms));
    jest.useRealTimers();
  }
}

const namespace = context.getNamespace('suite') ?? context.createNamespace('suite');

describe('code that uses contexts', () => {
  beforeEach(() => {
    assert.strictEqual(namespace.get('id'), undefined);
  });

  for (const id of [1, 2, 3]) {
    it(`keeps them apart: ${id}`, async () => {
      const work = async (own) => {
        namespace.set('id', own);
        await nextTurn();
        await new Promise((resolve) => fs.stat(__filename, resolve));
        await new Promise((resolve) => setTimeout(resolve, 1));
        return namespace.get('id');
      };
      const ids = [id, id * 10, id * 100];
      assert.deepEqual(await Promise.all(ids.map((own) => namespace.run(work, own))), ids);
      assert.strictEqual(namespace.get('id'), undefined);
    });
  }

  it('throws errors of the realm that the test is in', () => {
    assert.throws(() => context.createNamespace(1), TypeError);
  });

  it('emits the end of a context before the test is over', async () => {
    const own = namespace.createContext();
    let ended = 0;
    own.on('end', () => ended++);
    await own.run(async () => nextTurn());
    assert.strictEqual(ended, 1);
  });
});

describe('what docs/testing.md says', () => {
  let scope;
  beforeEach(() => (scope = namespace.createContext({ id: 'of beforeEach' }).enter()));
  // The realm of a test has no Symbol.dispose on Node.js 20, in Jest.
  afterEach(() => scope[Symbol.dispose ?? Symbol.for('nodejs.dispose')]());

  it('a context that beforeEach enters does not reach the test', () => {
    assert.strictEqual(namespace.isActive(), false);
    namespace.createContext({ id: 'left by a test' }).enter();
  });

  it('nor does one that a test leaves entered; values of the default context stay', () => {
    assert.strictEqual(namespace.isActive(), false);
    namespace.set('kept', 1);
  });

  it('a value of the default context is there until it is deleted', () => {
    assert.strictEqual(namespace.get('kept'), 1);
    namespace.active.delete('kept');
  });

  it('fake timers call back in no context, but bound functions in theirs', () => {
    const seen = [];
    const look = () => seen.push(namespace.get('id'));
    withFakeTimers((advance) => {
      namespace.createContext({ id: 1 }).run(() => {
        setTimeout(look, 10);
        setTimeout(namespace.bind(look), 10);
      });
      advance(20);
    });
    assert.deepEqual(seen, [undefined, 1]);
  });
});
