'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');

const { createNamespace, getNamespace, stats } = require('context');

const { root } = require('../support/child');

/** Starts a worker in which `namespace` is one of its own. */
function startWorker(program) {
  const prelude = `
    const { parentPort } = require('worker_threads');
    const context = require(${JSON.stringify(root)});
    const namespace = context.createNamespace('worker');
  `;
  return new Worker(prelude + program, { eval: true });
}

describe('a worker', () => {
  it('has its own namespaces, and a core of its own', async () => {
    createNamespace('main').run(() => {});
    const worker = startWorker(`
      namespace.run(() => {
        namespace.set('thread', 'worker');
        setImmediate(() => parentPort.postMessage({
          got: namespace.get('thread'),
          main: context.getNamespace('main'),
          namespaces: Object.keys(context.stats().namespaces),
        }));
      });
    `);
    const [[message]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    assert.deepStrictEqual(message, { got: 'worker', main: undefined, namespaces: ['worker'] });
    assert.strictEqual(getNamespace('worker'), undefined);
    assert.strictEqual(stats().namespaces.main.created, 1);
  });

  it('can come and go beside others', async () => {
    const ids = [0, 1, 2, 3];
    const results = ids.map(async (id) => {
      const worker = startWorker(`
        namespace.run(async () => {
          namespace.set('id', ${id});
          for (let i = 0; i < 1000; i++) await namespace.run(async () => { await null; });
          parentPort.postMessage(namespace.get('id'));
        });
      `);
      const [[message], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      assert.strictEqual(code, 0);
      return message;
    });
    assert.deepStrictEqual(await Promise.all(results), ids);
  });

  it('ends its process from within a context', async () => {
    const worker = startWorker(`namespace.run(() => setImmediate(() => process.exit(namespace.active ? 3 : 4)));`);
    const [code] = await once(worker, 'exit');
    assert.strictEqual(code, 3);
  });
});
