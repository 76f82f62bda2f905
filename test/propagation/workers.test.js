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
        namespace.set('thread', 'worker');
        setImmediate(() => console.log(namespace.get('thread'), getNamespace('main'), ...Object.keys(stats().namespaces)));
      });
    `);
    assert.deepStrictEqual(lines, ['worker undefined worker']);
    assert.strictEqual(getNamespace('worker'), undefined);
    assert.strictEqual(stats().namespaces.main.created, 1);
  });
});
