'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

// Other ways to end a process, heap snapshots and options of Node.js are in processes.long.test.js.
describe('a process that ends in a context', () => {
  it('does so by process.exit, and its listeners run in the context', async () => {
    const { code, stdout, stderr } = await runNode(`
      const namespace = require('context').createNamespace('exit');
      process.on('exit', (status) => console.log(status, namespace.get('id')));
      namespace.run(async () => {
        namespace.set('id', 1);
        await null;
        namespace.run(() => process.exit(3));
      });
    `);
    assert.deepStrictEqual([code, stdout], [3, '3 1\n'], stderr);
  });
});
