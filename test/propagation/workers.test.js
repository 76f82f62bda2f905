'use strict';

const assert = require('node:assert');

const { createNamespace, getNamespace, stats } = require('context');

const { linesOfThread } = require('../support/steps');

describe('a worker', () => {
  it('has its own namespaces, and a core of its own', async () => {
    createNamespace('main').run(() => {});
    const lines = await linesOfThread(`
      const { createNamespace, getNamespace, stats } = require('context');
      const namespace = createNamespace('worker');
      namespace.run(() => {
        setImmediate(() => console.log(namespace.isActive(), getNamespace('main'), ...Object.keys(stats().namespaces)));
      });
    `);
    assert.deepStrictEqual(lines, ['true undefined worker']);
    assert.strictEqual(getNamespace('worker'), undefined);
    assert.strictEqual(stats().namespaces.main.created, 1);
  });
});
