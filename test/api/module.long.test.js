'use strict';

const assert = require('node:assert');

const { linesOf } = require('../support/child');

describe('8,000 namespaces', () => {
  it('may be destroyed in any order and be replaced, and the list follows', async () => {
    const [line] = await linesOf(`
      const assert = require('assert');
      const context = require('context');
      process.emitWarning = () => {};
      const names = Array.from({ length: 8000 }, (_, index) => 'name ' + index);
      const destroy = (name) => void context.destroyNamespace(name);
      /** In which order, and what is done to each. */
      const changes = [
        [(index) => index, context.createNamespace],
        [(index) => index, destroy],
        [(index) => -index, destroy],
        [(index) => index * 7919 % 8000, destroy],
      ];
      for (const [order, change] of changes) {
        const isReplaced = change !== destroy;
        let expected = names.map((name) => context.createNamespace(name));
        const list = process.namespaces;
        const sorted = names.map((name, index) => [order(index), name]).sort(([a], [b]) => a - b);
        for (const [index, [, name]] of sorted.entries()) {
          const replacing = change(name);
          if (index % 1000 !== 0) continue;
          assert.ok(list === process.namespaces);
          const known = new Set(names.map((each) => context.getNamespace(each)));
          expected = expected.filter((namespace) => known.has(namespace));
          assert.ok(list.length === (isReplaced ? 8000 : 7999 - index));
          assert.ok(expected.every((namespace, at) => list[at] === namespace && list[namespace.name] === namespace));
          assert.ok(list[name] === replacing && Object.hasOwn(list, name) === isReplaced);
          if (isReplaced) assert.ok(list[7999] === replacing);
        }
        assert.deepStrictEqual([list.length, Object.getOwnPropertyNames(list).length], isReplaced ? [8000, 16001] : [0, 1]);
        names.forEach(destroy);
      }
      console.log('done');
    `);
    assert.strictEqual(line, 'done');
  });
});
