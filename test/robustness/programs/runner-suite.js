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
const { beforeEach, describe, it } = globalThis.describe === undefined ? require('node:test') : globalThis;

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
