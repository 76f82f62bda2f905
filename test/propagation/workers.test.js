'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');

const { createNamespace, getNamespace, stats } = require('context');

const { root, runNode } = require('../support/child');

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
    const results = await Promise.all(
      Array.from({ length: 8 }, async (_, id) => {
        const worker = startWorker(`
          namespace.run(async () => {
            namespace.set('id', ${id});
            for (let i = 0; i < 1000; i++) await namespace.run(async () => { await null; });
            parentPort.postMessage(namespace.get('id'));
          });
        `);
        const [[message], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
        return [message, code];
      }),
    );
    assert.deepStrictEqual(
      results,
      Array.from({ length: 8 }, (_, id) => [id, 0]),
    );
  });

  it('ends its process from within a context', async () => {
    const worker = startWorker(`namespace.run(() => setImmediate(() => process.exit(namespace.active ? 3 : 4)));`);
    const [code] = await once(worker, 'exit');
    assert.strictEqual(code, 3);
  });

  it('that is terminated in the middle frees its native memory', async function () {
    this.timeout(120_000);
    // Each of them holds 100,000 frames, which are 3 MB of pages and more of objects.
    const { code, stdout, stderr } = await runNode(`
      const { once } = require('events');
      const { Worker } = require('worker_threads');
      const program = \`
        const { parentPort } = require('worker_threads');
        const namespace = require('context').createNamespace('worker');
        const bound = Array.from({ length: 100000 }, () => namespace.run(() => namespace.bind(() => {})));
        const turn = () => namespace.run(async () => { bound[0](); await null; setImmediate(turn); });
        turn();
        parentPort.postMessage('running');
      \`;
      const startAndTerminate = async () => {
        const worker = new Worker(program, { eval: true });
        await once(worker, 'message');
        await worker.terminate();
      };
      (async () => {
        // What Node.js and the allocator keep for the next worker grows over the first ones.
        for (let i = 0; i < 12; i++) await startAndTerminate();
        const before = process.memoryUsage();
        for (let i = 0; i < 10; i++) await startAndTerminate();
        const after = process.memoryUsage();
        console.log(JSON.stringify({ rss: (after.rss - before.rss) / 2 ** 20, buffers: after.arrayBuffers - before.arrayBuffers }));
      })();
    `);
    assert.strictEqual(code, 0, stderr);
    const { rss, buffers } = JSON.parse(stdout);
    assert.ok(rss < 20, `${rss} MB are left over of 10 workers, which had 30 MB of pages alone`);
    assert.ok(buffers < 300_000, `${buffers} bytes of buffers are left over of 10 workers, which had 30 MB of pages`);
  });
});
